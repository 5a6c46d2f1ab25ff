"""The columns of the hunting tables, and which of them show what an indicator can name.

Owns the names: DeviceFileEvents, DeviceProcessEvents, DeviceNetworkEvents, DeviceEvents,
DeviceImageLoadEvents, DeviceLogonEvents, DeviceRegistryEvents, DeviceFileCertificateInfo and
AlertEvidence (Microsoft, "Advanced hunting schema"), and those that exports put around them.
Refuses the rest of what an event tells: where a file was downloaded from is no connection, and the
issuer of a certificate is not its leaf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tidegate.engines.event import Role
from tidegate.engines.observing import Observables, address, connection, hashed
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType


class Showing(NamedTuple):
    """A column that shows observables: of which kind for the sieve, and how it is read."""

    column: str
    kind: IndicatorType
    read: Callable[[str], Observables]


_CERTIFICATE = IndicatorType.CERTIFICATE
_DIGESTS = dict(zip(FILE_TYPES, ("SHA256", "SHA1", "MD5"), strict=True))
FILE_HASHES = tuple(_DIGESTS.values())
THUMBPRINTS = ("SignerHash", "SignerThumbprint", "CertificateThumbprint", "CertificateSha1")
"""The first is Microsoft's; the others are what joins and other products call the same."""

SHOWING = (
    *(Showing(name, kind, hashed(Role.FILE, kind)) for kind, name in _DIGESTS.items()),
    *(
        Showing(f"InitiatingProcess{name}", kind, hashed(Role.PROCESS, kind))
        for kind, name in _DIGESTS.items()
    ),
    *(Showing(name, _CERTIFICATE, hashed(Role.CERTIFICATE, _CERTIFICATE)) for name in THUMBPRINTS),
    Showing("RemoteIP", IndicatorType.IP_ADDRESS, address),
    Showing("RemoteUrl", IndicatorType.URL, connection),
)

TIMES = ("Timestamp", "TimeGenerated", "EventTime", "time")
VERDICT = "Verdict"
"""Of a finding: malicious, suspicious, clean (or noThreatsFound) or unknown."""

_PROCESS = (
    *("AccountDomain", "AccountName", "AccountObjectId", "AccountSid", "AccountUpn"),
    *("CommandLine", "CreationTime", "FileName", "FileSize", "FolderPath", "Id"),
    *("IntegrityLevel", "LogonId", "ParentCreationTime", "ParentFileName", "ParentId"),
    *("RemoteSessionDeviceName", "RemoteSessionIP", "SessionId", "SignatureStatus", "SignerType"),
    *("TokenElevation", "UniqueId", "VersionInfoCompanyName", "VersionInfoFileDescription"),
    *("VersionInfoInternalFileName", "VersionInfoOriginalFileName", "VersionInfoProductName"),
    *("VersionInfoProductVersion",),
)
KNOWN = frozenset(
    (
        *(it.column for it in SHOWING),
        *TIMES,
        VERDICT,
        *(f"InitiatingProcess{name}" for name in _PROCESS),
        *("IsInitiatingProcessRemoteSession", "IsProcessRemoteSession"),
        *(f"Process{name}" for name in _PROCESS),
        *("ProcessRemoteSessionDeviceName", "ProcessRemoteSessionIP"),
        *(
            "DeviceId",
            "DeviceName",
            "MachineGroup",
            "ActionType",
            "ReportId",
            "AppGuardContainerId",
        ),
        *("AdditionalFields", "FileName", "FolderPath", "FileSize", "FileOriginUrl"),
        *("FileOriginReferrerUrl", "FileOriginIP", "PreviousFolderPath", "PreviousFileName"),
        *("RequestProtocol", "RequestSourceIP", "RequestSourcePort", "RequestAccountName"),
        *("RequestAccountDomain", "RequestAccountSid", "ShareName", "SensitivityLabel"),
        *("SensitivitySubLabel", "IsAzureInfoProtectionApplied"),
        *("AccountDomain", "AccountName", "AccountSid", "AccountUpn", "AccountObjectId", "LogonId"),
        *("RemotePort", "LocalIP", "LocalPort", "Protocol", "LocalIPType", "RemoteIPType"),
        *("RemoteDeviceName", "CreatedProcessSessionId"),
        *("LogonType", "FailureReason", "IsLocalAdmin", "RegistryKey", "RegistryValueName"),
        *("RegistryValueData", "RegistryValueType", "PreviousRegistryKey"),
        *("PreviousRegistryValueName", "PreviousRegistryValueData"),
        *("IsSigned", "SignatureType", "Signer", "Issuer", "IssuerHash", "CertificateSerialNumber"),
        *("CrlDistributionPointUrls", "CertificateCreationTime", "CertificateExpirationTime"),
        *("CertificateCountersignatureTime", "IsTrusted", "IsRootSignerMicrosoft"),
        *("AlertId", "Title", "Categories", "AttackTechniques", "ServiceSource", "Severity"),
        *("DetectionSource", "EntityType", "EvidenceRole", "EvidenceDirection", "ThreatFamily"),
        *("Application", "ApplicationId", "CloudPlatform", "CloudResource", "ResourceType"),
        *("SubscriptionId", "ResourceID", "EmailSubject", "NetworkMessageId"),
        *("TenantId", "Type", "SourceSystem", "MG", "Computer", "_ResourceId", "_SubscriptionId"),
        *("_ItemId", "_TimeReceived", "Tenant", "category", "operationName", "tenantId"),
    )
)
"""Columns that hold no surprise."""
