"""One open notebook: its document, its kernel, its run log, its offers."""
