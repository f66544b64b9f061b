"""Types of JSON values, beside the framework's own models."""

from metadata.generated.schema.entity.data.table import DataType

KINDS = {
    str: DataType.STRING,
    int: DataType.INT,
    float: DataType.DOUBLE,
    bool: DataType.BOOLEAN,
    list: DataType.ARRAY,
    dict: DataType.STRUCT,
}
