"""The command line: one file a command. ``llmgym --help`` lists them."""
