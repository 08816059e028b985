"""Telegram is away for half an hour while tens of thousands of messages wait; then they leave, at Telegram's pace."""
