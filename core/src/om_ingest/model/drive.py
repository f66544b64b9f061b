"""Drive services, directories, files, spreadsheets and worksheets (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import (
    AssetEntity,
    AssetRequest,
    EntityReference,
    Model,
    Parent,
    ServiceAssetEntity,
    ServiceAssetRequest,
)
from om_ingest.model.naming import Timestamp, Uri
from om_ingest.model.service import ServiceEntity, ServiceRequest
from om_ingest.model.table import Column, TableData


class DriveServiceType(str, Enum):
    """Drive products that OpenMetadata knows; `CustomDrive` for all others."""

    GoogleDrive = "GoogleDrive"
    SharePoint = "SharePoint"
    Sftp = "Sftp"
    CustomDrive = "CustomDrive"


class _DriveService(Model, entity_type="driveService"):
    serviceType: DriveServiceType


class CreateDriveServiceRequest(_DriveService, ServiceRequest):
    """Create or update a drive service."""


class DriveService(_DriveService, ServiceEntity):
    """A stored drive service."""


class DirectoryType(str, Enum):
    """Kind of a directory."""

    Root = "Root"
    MyDrive = "MyDrive"
    SharedDrive = "SharedDrive"
    TeamDrive = "TeamDrive"
    Folder = "Folder"
    SharePointSite = "SharePointSite"
    SharePointLibrary = "SharePointLibrary"


class _DirectoryFields(Model, entity_type="directory"):
    directoryType: DirectoryType | None = None
    path: str | None = None
    isShared: bool | None = None
    numberOfFiles: int | None = None
    numberOfSubDirectories: int | None = None
    totalSize: int | None = None


class CreateDirectoryRequest(_DirectoryFields, ServiceAssetRequest):
    """Create or update a directory; `parent` is the directory around it. Size in bytes."""

    parent: Parent | None = None


class Directory(_DirectoryFields, ServiceAssetEntity):
    """A stored directory."""

    serviceType: DriveServiceType | None = None
    parent: EntityReference | None = None
    children: list[EntityReference] | None = None


class FileType(str, Enum):
    """Kind of content of a file."""

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


class _FileFields(Model, entity_type="file"):
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


class CreateFileRequest(_FileFields, ServiceAssetRequest):
    """Create or update a file, in a directory or at the top of the drive. Size in bytes."""

    directory: Parent | None = None


class File(_FileFields, ServiceAssetEntity):
    """A stored file."""

    serviceType: DriveServiceType | None = None
    directory: EntityReference | None = None
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

    # The same, by the names that OpenMetadata's own client has for them.
    application_vnd_google_apps_spreadsheet = GoogleSheets
    application_vnd_openxmlformats_officedocument_spreadsheetml_sheet = ExcelXlsx
    application_vnd_ms_excel = ExcelXls
    application_vnd_oasis_opendocument_spreadsheet = OpenDocument
    text_csv = Csv
    text_tab_separated_values = Tsv


class _SpreadsheetFields(Model, entity_type="spreadsheet"):
    mimeType: SpreadsheetMimeType | None = None
    path: str | None = None
    driveFileId: str | None = None
    size: int | None = None
    fileVersion: str | None = None
    createdTime: Timestamp | None = None
    modifiedTime: Timestamp | None = None


class CreateSpreadsheetRequest(_SpreadsheetFields, ServiceAssetRequest):
    """Create or update a spreadsheet; `parent` is its directory. Size in bytes."""

    parent: EntityReference | None = None


class Spreadsheet(_SpreadsheetFields, ServiceAssetEntity):
    """A stored spreadsheet."""

    serviceType: DriveServiceType | None = None
    directory: EntityReference | None = None
    worksheets: list[EntityReference] | None = None
    lastModifiedBy: EntityReference | None = None


class _WorksheetFields(Model, entity_type="worksheet"):
    worksheetId: str | None = None
    index: int | None = None
    rowCount: int | None = None
    columnCount: int | None = None
    columns: list[Column] | None = None
    isHidden: bool | None = None


class CreateWorksheetRequest(_WorksheetFields, AssetRequest, parent_field="spreadsheet"):
    """Create or update a worksheet of a spreadsheet."""

    spreadsheet: Parent
    service: Parent | None = None


class Worksheet(_WorksheetFields, AssetEntity):
    """A stored worksheet."""

    spreadsheet: EntityReference
    service: EntityReference
    serviceType: DriveServiceType | None = None
    sampleData: TableData | None = None
