"""From a system to the LLVM text of its model functions, a module for each kind of operation."""
