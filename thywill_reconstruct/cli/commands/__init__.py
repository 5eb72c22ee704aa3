"""The commands: a module per topic, with their names, options and help. The work is done where they point to.

A module holds a ``commands`` group, and ``cli.app`` lists the groups. Every run reads all of these modules, so nothing
heavy is imported at their top.
"""
