"""Words of provider payloads: descriptions, statuses, vocabularies, times, URLs."""
