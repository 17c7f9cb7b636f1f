"""The values of the language: records, sorts, sets, lists, bags and arrays, and their order."""
