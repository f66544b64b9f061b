"""Drive services, directories, files, spreadsheets and worksheets (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import AssetEntity, AssetRequest, EntityReference, Parent
from om_ingest.model.naming import Timestamp, Uri
from om_ingest.model.service import Connection, ServiceEntity, ServiceRequest
from om_ingest.model.table import Column, TableData


class DriveServiceType(str, Enum):
    """Every drive product that OpenMetadata names; `CustomDrive` for all others."""

    GoogleDrive = "GoogleDrive"
    SharePoint = "SharePoint"
    Sftp = "Sftp"
    CustomDrive = "CustomDrive"


class DriveConnection(Connection):
    """How to reach a shared drive."""


class CreateDriveServiceRequest(ServiceRequest):
    """Create or update a drive service."""

    entity_type: ClassVar[str] = "driveService"

    serviceType: DriveServiceType
    connection: DriveConnection | None = None


class DriveService(ServiceEntity):
    """A stored drive service."""

    entity_type: ClassVar[str] = "driveService"

    serviceType: DriveServiceType
    connection: DriveConnection | None = None


class DirectoryType(str, Enum):
    """What kind of directory it is."""

    Root = "Root"
    MyDrive = "MyDrive"
    SharedDrive = "SharedDrive"
    TeamDrive = "TeamDrive"
    Folder = "Folder"
    SharePointSite = "SharePointSite"
    SharePointLibrary = "SharePointLibrary"


class CreateDirectoryRequest(AssetRequest):
    """Create or update a directory; `parent` is the one that it lies in. Size in bytes."""

    entity_type: ClassVar[str] = "directory"
    parent_field: ClassVar[str | None] = "service"

    service: Parent
    parent: Parent | None = None
    directoryType: DirectoryType | None = None
    path: str | None = None
    isShared: bool | None = None
    numberOfFiles: int | None = None
    numberOfSubDirectories: int | None = None
    totalSize: int | None = None


class Directory(AssetEntity):
    """A stored directory."""

    entity_type: ClassVar[str] = "directory"

    service: EntityReference
    serviceType: DriveServiceType | None = None
    parent: EntityReference | None = None
    children: list[EntityReference] | None = None
    directoryType: DirectoryType | None = None
    path: str | None = None
    isShared: bool | None = None
    numberOfFiles: int | None = None
    numberOfSubDirectories: int | None = None
    totalSize: int | None = None


class FileType(str, Enum):
    """What is in a file."""

    Document = "Document"
    Spreadsheet = "Spreadsheet"
    Presentation = "Presentation"
    Image = "Image"
    Video = "Video"
    Audio = "Audio"
    PDF = "PDF"
    Archive = "Archive"
    Code = "Code"
    Data = "Data"
    CSV = "CSV"
    Text = "Text"
    Other = "Other"


class CreateFileRequest(AssetRequest):
    """Create or update a file, in a directory or at the top of the drive. Size in bytes."""

    entity_type: ClassVar[str] = "file"
    parent_field: ClassVar[str | None] = "service"

    service: Parent
    directory: Parent | None = None
    fileType: FileType | None = None
    mimeType: str | None = None
    fileExtension: str | None = None
    path: str | None = None
    size: int | None = None
    columns: list[Column] | None = None
    checksum: str | None = None
    webViewLink: Uri | None = None
    downloadLink: Uri | None = None
    isShared: bool | None = None
    fileVersion: str | None = None


class File(AssetEntity):
    """A stored file."""

    entity_type: ClassVar[str] = "file"

    service: EntityReference
    serviceType: DriveServiceType | None = None
    directory: EntityReference | None = None
    fileType: FileType | None = None
    mimeType: str | None = None
    fileExtension: str | None = None
    path: str | None = None
    size: int | None = None
    columns: list[Column] | None = None
    checksum: str | None = None
    webViewLink: Uri | None = None
    downloadLink: Uri | None = None
    isShared: bool | None = None
    fileVersion: str | None = None
    createdTime: Timestamp | None = None
    modifiedTime: Timestamp | None = None
    lastModifiedBy: EntityReference | None = None
    sampleData: TableData | None = None


class SpreadsheetMimeType(str, Enum):
    """Format of a spreadsheet."""

    GoogleSheets = "application/vnd.google-apps.spreadsheet"
    ExcelXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ExcelXls = "application/vnd.ms-excel"
    OpenDocument = "application/vnd.oasis.opendocument.spreadsheet"
    Csv = "text/csv"
    Tsv = "text/tab-separated-values"
    Other = "Other"


class CreateSpreadsheetRequest(AssetRequest):
    """Create or update a spreadsheet; `parent` is its directory. Size in bytes."""

    entity_type: ClassVar[str] = "spreadsheet"
    parent_field: ClassVar[str | None] = "service"

    service: Parent
    parent: EntityReference | None = None
    mimeType: SpreadsheetMimeType | None = None
    path: str | None = None
    driveFileId: str | None = None
    size: int | None = None
    fileVersion: str | None = None
    createdTime: Timestamp | None = None
    modifiedTime: Timestamp | None = None


class Spreadsheet(AssetEntity):
    """A stored spreadsheet."""

    entity_type: ClassVar[str] = "spreadsheet"

    service: EntityReference
    serviceType: DriveServiceType | None = None
    directory: EntityReference | None = None
    worksheets: list[EntityReference] | None = None
    mimeType: SpreadsheetMimeType | None = None
    path: str | None = None
    driveFileId: str | None = None
    size: int | None = None
    fileVersion: str | None = None
    createdTime: Timestamp | None = None
    modifiedTime: Timestamp | None = None
    lastModifiedBy: EntityReference | None = None


class CreateWorksheetRequest(AssetRequest):
    """Create or update a worksheet of a spreadsheet."""

    entity_type: ClassVar[str] = "worksheet"
    parent_field: ClassVar[str | None] = "spreadsheet"

    spreadsheet: Parent
    service: Parent | None = None
    worksheetId: str | None = None
    index: int | None = None
    rowCount: int | None = None
    columnCount: int | None = None
    columns: list[Column] | None = None
    isHidden: bool | None = None


class Worksheet(AssetEntity):
    """A stored worksheet."""

    entity_type: ClassVar[str] = "worksheet"

    spreadsheet: EntityReference
    service: EntityReference
    serviceType: DriveServiceType | None = None
    worksheetId: str | None = None
    index: int | None = None
    rowCount: int | None = None
    columnCount: int | None = None
    columns: list[Column] | None = None
    isHidden: bool | None = None
    sampleData: TableData | None = None
