"""How a won is explained, and a dispute's file with rows, queries, rules and documents.

Not here: working the explanation out (billing/explain).
Entry: `explanation_view.show_explanation`, `dispute_file.write_dispute`.
"""
