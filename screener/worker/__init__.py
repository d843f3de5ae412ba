"""The worker: moves submissions from the inbox to the store, unopened, and runs the jobs that are due."""
