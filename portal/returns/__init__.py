"""What others ask for out of the same data: 福祉行政報告例, the 通いの場 survey, lists, files."""
