"""What rebuilds an issued month byte for byte: inputs, results, documents, versions, by digest.

Not here: making the inputs (draft), and a month as one file (verify).
Entry: `bundle.write_bundle`, `bundle.read_bundle`.
"""
