"""Having the system hand `embedpool://` links to this program, in each system's own way.

Every handler starts the program as `… open -- <link>`: a link that was made to look like an option is none after `--`.
"""
