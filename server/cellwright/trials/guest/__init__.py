"""What runs inside the notebook's own interpreter: Python 3.8 on, the standard library and IPython.

The host starts `main.py` by path; nothing here may import from the rest of Cellwright.
"""
