"""Tests about the code: facts that we promise, and that fail the build when somebody undoes them."""
