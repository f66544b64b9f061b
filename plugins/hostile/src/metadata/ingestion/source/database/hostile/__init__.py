"""Sources, sinks, processors, commands and hooks that break the contract, each in one way.

Read them as examples of what not to do: every docstring says which promise is broken.
"""
