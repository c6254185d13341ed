"""What a simulation comes to: in the terminal, as a spreadsheet and as a picture.

Not here: simulating (billing/simulate).
Entry: `view.show_simulation`, `files.write_simulation`.
"""
