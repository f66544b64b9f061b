"""The nearest older value for a newer one of an enumeration, where that keeps the meaning."""

from __future__ import annotations

from collections.abc import Mapping

FALLBACKS: Mapping[str, Mapping[str, str]] = {
    "apiService.ApiServiceType": {"Rest": "REST"},
    "chart.ChartType": {"*": "Other"},
    "dashboardDataModel.DataModelType": {
        "PowerBIDataFlow": "PowerBIDataModel",
        "PowerBIDatamart": "PowerBIDataModel",
    },
    "dashboardService.DashboardServiceType": {"*": "CustomDashboard", "MicroStrategy": "Mstr"},
    "databaseService.DatabaseServiceType": {"*": "CustomDatabase"},
    "driveService.DriveServiceType": {"*": "CustomDrive"},
    "llmService.LlmServiceType": {"*": "CustomLLM"},
    "messagingService.MessagingServiceType": {"*": "CustomMessaging"},
    "mlmodelService.MlModelServiceType": {"*": "CustomMlModel"},
    "pipelineService.PipelineServiceType": {"*": "CustomPipeline"},
    "storedProcedure.StoredProcedureType": {"Function": "UDF", "StoredPackage": "StoredProcedure"},
    "table.ConstraintType": {"CLUSTER_KEY": "SORT_KEY"},
    "table.DataType": {"*": "UNKNOWN"},
    "table.DmlOperationType": {"WRITE": "INSERT"},
    "table.FileFormat": {
        "csv.gz": "csv",
        "parq": "parquet",
        "parquet.snappy": "parquet",
        "pq": "parquet",
        "pqt": "parquet",
    },
    "table.TableType": {"SemanticView": "View", "Stage": "External"},
    "tagLabel.LabelType": {"Generated": "Automated"},
}
"""By enumeration: the newer value, or `*` for all of them, and what an older server gets instead.

A column of an unknown type keeps the name of the type as `dataTypeDisplay`.
"""
