"""The state graph of a small instance as data that drawing tools read."""
