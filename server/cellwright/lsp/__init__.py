"""The front that speaks LSP. The only room that imports pygls or lsprotocol."""
