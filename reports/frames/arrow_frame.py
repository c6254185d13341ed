"""Owns the step between Arrow and pandas: every column keeps its Arrow type, so nothing is a float.

Nobody else imports pandas, which takes a quarter of a second: import this where it is needed.
"""

import pandas as pd
import pyarrow as pa


def as_frame(rows: pa.Table) -> pd.DataFrame:
    """The rows as a DataFrame of Arrow-backed columns: int64 stays int64 where one is missing,
    decimals stay decimals, and what is missing is NA."""
    return rows.to_pandas(types_mapper=pd.ArrowDtype)


def as_rows(frame: pd.DataFrame) -> pa.Table:
    """The rows of a DataFrame that `as_frame` made, or that was cut out of one."""
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    return rows.replace_schema_metadata(None)
