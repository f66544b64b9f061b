"""The office, a drive: folders, a file, a spreadsheet with its worksheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createDirectory import CreateDirectoryRequest
from metadata.generated.schema.api.data.createFile import CreateFileRequest
from metadata.generated.schema.api.data.createSpreadsheet import CreateSpreadsheetRequest
from metadata.generated.schema.api.data.createWorksheet import CreateWorksheetRequest
from metadata.generated.schema.entity.data.directory import Directory, DirectoryType
from metadata.generated.schema.entity.data.file import FileType
from metadata.generated.schema.entity.data.spreadsheet import SpreadsheetMimeType
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.services.connections.drive.customDriveConnection import (
    CustomDriveConnection,
)
from metadata.generated.schema.entity.services.driveService import DriveService
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.models.barrier import Barrier

from .steps import ToyshopSource


class OfficeSource(ToyshopSource):
    service_type = DriveService
    connection_type = CustomDriveConnection

    def records(self) -> Iterable[Any]:
        yield CreateDirectoryRequest(
            name="Papers", service=self.service, directoryType=DirectoryType.Root, path="/Papers"
        )
        yield CreateDirectoryRequest(
            name="Bills",
            description="To be paid",
            service=self.service,
            parent=f"{self.service}.Papers",
            directoryType=DirectoryType.Folder,
            path="/Papers/Bills",
            numberOfFiles=1,
        )
        yield CreateFileRequest(
            name="rent.pdf",
            service=self.service,
            directory=f"{self.service}.Papers.Bills",
            fileType=FileType.PDF,
            mimeType="application/pdf",
            fileExtension="pdf",
            path="/Papers/Bills/rent.pdf",
            size=1024,
        )
        yield Barrier(reason="a spreadsheet needs its folder")
        papers = self.metadata.get_by_name(entity=Directory, fqn=f"{self.service}.Papers")
        yield CreateSpreadsheetRequest(
            name="hours",
            displayName="Hours",
            service=self.service,
            parent=EntityReference(id=papers.id, type="directory"),
            mimeType=SpreadsheetMimeType.application_vnd_oasis_opendocument_spreadsheet,
        )
        yield Barrier(reason="a worksheet needs its spreadsheet")
        yield CreateWorksheetRequest(
            name="March",
            service=self.service,
            spreadsheet=f"{self.service}.Papers.hours",
            index=0,
            rowCount=31,
            columnCount=2,
            columns=[
                Column(name="who", dataType=DataType.STRING),
                Column(name="minutes", dataType=DataType.INT),
            ],
        )
