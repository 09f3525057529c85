"""Open answers and case studies: coding frame, coded passages, frequencies, quotes, agreement."""
