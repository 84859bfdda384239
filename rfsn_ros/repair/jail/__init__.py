"""What runs inside the sandbox: a fork server, a small pytest runner, tracing and probing.

These modules import the standard library and pytest only; untrusted code runs in forks of the
server process.
"""
