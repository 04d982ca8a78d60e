"""Material of the packs: topics, words and wordings, apart for evaluation and for training; the two share none."""
