"""The transcript: transcribing, reading, editing and confirming segments."""
