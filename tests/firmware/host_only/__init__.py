"""What only a computer can test: the compiler, and the machinery of these tests."""
