"""The tests; cases.py is the table of ops."""
