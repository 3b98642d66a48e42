"""Run code in kernels. The only room that imports jupyter_client."""
