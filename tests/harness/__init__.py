"""The harness of the tests: a module for each thing that several test folders need."""
