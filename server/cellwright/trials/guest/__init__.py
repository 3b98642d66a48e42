"""The code that runs inside the notebook's own interpreter: standard library only, Python 3.8 on."""
