"""A worker process that breaks over texts that say so: this module, run as a program."""

from tests.unit.worker_pool.breaking import main

if __name__ == "__main__":
    main("texts")
