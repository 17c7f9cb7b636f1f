"""Rules for kinds of objects, by API group."""
