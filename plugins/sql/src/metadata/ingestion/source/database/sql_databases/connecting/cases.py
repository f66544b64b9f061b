"""What goes wrong between a driver and a server: how it is recognised, and what helps.

PostgreSQL sends no SQLSTATE while a session is opened, so what libpq and the server say is
recognised by its text (in English; any other language is told as it is). Sources of the codes:
PostgreSQL's documentation, appendix A "PostgreSQL Error Codes", and MySQL's "Server Error Message
Reference" and "Client Error Message Reference".
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One thing that goes wrong: how it is recognised, in what words, and what helps."""

    text: str
    """Pattern of what the driver says."""

    codes: tuple[str | int, ...]
    """SQLSTATEs, and numbers of errors of MySQL."""

    why: str
    """Empty: as the driver says it. `{1}` is the first group of the pattern."""

    remedy: str


_TLS = "sslMode and sslConfig.caCertificate"
PASSWORD_KEYS = "authType.password, password, passwordFile or passwordCommand"

CASES = (
    Case(
        r"unable to open database file",
        (),
        "there is no such file, or it may not be read (unable to open database file)",
        "Correct the path, or give the user that runs om-ingest the right to read it.",
    ),
    Case(
        r"password authentication failed|using password: YES|(?:LDAP|PAM|RADIUS) authentication",
        ("28P01",),
        "the password is wrong, or the user does not exist",
        f"Correct username, or {PASSWORD_KEYS}.",
    ),
    Case(
        r"no password supplied|using password: NO|empty password returned|password is missing",
        (),
        "the server wants a password, and none is given",
        f"Set {PASSWORD_KEYS}.",
    ),
    Case(
        r"(Peer|Ident|GSSAPI|certificate|trust|JWT|OAuth)\w* authentication failed",
        (),
        "the server does not accept this user ({1} authentication)",
        "Correct username, or let the server take a password for it: pg_hba.conf.",
    ),
    Case(
        r"no pg_hba.conf entry for (?:host .*?)?(?:no encryption|SSL off)",
        (),
        "the server does not let this user in from here without TLS (pg_hba.conf)",
        "Set sslMode: require, or let an administrator add a line to pg_hba.conf.",
    ),
    Case(
        r"pg_hba.conf|is not allowed to connect to this|\bhost .* is blocked",
        ("28000", 1130, 1129),
        "",
        "Correct username, host and database, or let an administrator of the server allow this"
        " user from this machine.",
    ),
    Case(
        r"permission denied for database|CONNECT privilege",
        (),
        "the user may not connect to this database",
        'Let its owner run: GRANT CONNECT ON DATABASE "{database}" TO "{user}";',
    ),
    Case(
        r"Access denied for user .* to database",
        (1044,),
        "the user may see nothing of this database",
        "Let an administrator run: GRANT SELECT, SHOW VIEW ON `{database}`.* TO the user;",
    ),
    Case(
        r"database .* does not exist|no such database|Unknown database",
        ("3D000", 1049),
        "there is no such database",
        "Correct database (MySQL: databaseSchema): the name as the server lists it, in upper and"
        " lower case.",
    ),
    Case(
        r"role .* does not exist|no such user",
        (),
        "there is no such user",
        "Correct username, or let an administrator create it.",
    ),
    Case(
        r"not permitted to log in|account is locked",
        (3118, 4151),
        "the user may not log in",
        "Let an administrator allow it: ALTER ROLE … LOGIN, or ALTER USER … ACCOUNT UNLOCK.",
    ),
    Case(
        r"password .*expired|must reset your password|must SET PASSWORD",
        (1820, 1862),
        "the password has expired",
        f"Set a new password in the database, and in {PASSWORD_KEYS}.",
    ),
    Case(
        r"too many clients|too many connections|connection slots|no more connections|"
        r"max_user_connections|max_connections_per_hour",
        ("53300", 1040, 1203, 1226),
        "the server takes no more connections",
        "Run again later, or let an administrator end idle sessions or raise the limit.",
    ),
    Case(
        r"is starting up|recovery mode|not yet accepting|not accepting connections",
        ("57P03",),
        "the server is starting, and takes no connections yet",
        "Run again in a while.",
    ),
    Case(
        r"shutting down|administrator command|Server shutdown|crash of another server process",
        ("57P01", "57P02", 1053),
        "the server is shutting down, or an administrator ended the session",
        "Run again, with --resume, once the server is up.",
    ),
    Case(
        r"does not support SSL|SSL is required but the server",
        (),
        "the server does not do TLS, and sslMode asks for it",
        "Set sslMode: prefer if the network between is trusted, or switch TLS on in the server.",
    ),
    Case(
        r"require_secure_transport|Connections using insecure transport",
        (3159,),
        "the server wants TLS",
        "Set sslMode: require, or verify-full with sslConfig.caCertificate.",
    ),
    Case(
        r"does not match host ?name|Hostname mismatch|IP address mismatch|doesn't match",
        (),
        "the certificate of the server is for another name",
        "Correct hostPort to the name that is in the certificate, or set sslMode: verify-ca, which"
        " does not look at names.",
    ),
    Case(
        r"certificate has expired|certificate is not yet valid",
        (),
        "the certificate of the server has expired, or is not valid yet",
        "Let an administrator renew it, and look at the clock of this machine.",
    ),
    Case(
        r"certificate verify failed|self[- ]signed certificate|unable to get (?:local )?issuer",
        (),
        "the certificate of the server cannot be trusted: it has expired, or is signed by nobody in"
        " sslConfig.caCertificate",
        "Correct sslConfig.caCertificate to the authority that signed it, or let an administrator"
        " renew it.",
    ),
    Case(
        r"root certificate file .* does not exist",
        (),
        "sslMode wants the certificate to be checked, and no authority is given",
        "Set sslConfig.caCertificate, or sslMode: require, which checks nothing.",
    ),
    Case(
        r"private key file|certificate file|PEM lib|certificate authority file|key values mismatch",
        (),
        "",
        "Correct sslConfig: PEM text, or files that this user alone may read, and the key of its"
        " certificate.",
    ),
    Case(
        r"requires? a valid client certificate|alert (?:certificate|handshake|unknown|bad cert)",
        (),
        "the server wants another certificate of the client, or refuses what TLS offers",
        "Set sslConfig.sslCertificate and sslConfig.sslKey, signed by an authority of the server.",
    ),
    Case(
        r"invalid response to SSL negotiation|expected authentication request|"
        r"wrong version number|Got packet too big|Protocol error|packet sequence",
        (),
        "what answers there is no {product}",
        "Correct hostPort: host and port of the database, not of its web page or another server.",
    ),
    Case(
        r"failed to resolve host|translate host name|Name or service not known|getaddrinfo|"
        r"nodename nor servname|Temporary failure in name|No address associated",
        (),
        "there is no host of this name",
        "Correct the host in hostPort, or the name server of this machine.",
    ),
    Case(
        r"connection refused",
        (),
        "nothing listens at this port",
        "Correct hostPort, start the server, or let it listen on more than localhost.",
    ),
    Case(
        r"timeout expired|timed out|connection timeout",
        (),
        "the server does not answer in time",
        "Correct hostPort (another kind of server may listen there), look at firewalls between, or"
        " raise connectTimeout.",
    ),
    Case(
        r"no route to host|network is unreachable|network is down",
        (),
        "the network has no way to this host",
        "Correct hostPort, or connect this machine to its network (VPN).",
    ),
    Case(
        r"No such file or directory",
        (),
        "there is no socket at this path",
        "Correct hostPort: PostgreSQL wants the folder of the socket, MySQL the socket itself.",
    ),
    Case(
        r"socket.*Permission denied|Can't connect .*Permission denied",
        (),
        "this user may not use the socket",
        "Run as a user who may, or correct hostPort.",
    ),
    Case(
        r"invalid connection option \"(\w+)\"|unexpected keyword argument '(\w+)'",
        (),
        "the driver knows no parameter {1}",
        "Remove it from connectionOptions or connectionArguments.",
    ),
    Case(
        r"unsupported startup parameter:? (\w*)",
        (),
        "the connection pool in between takes no parameter {1}",
        "Remove it, or list it in ignore_startup_parameters of PgBouncer.",
    ),
    Case(
        r"(?:invalid|bad) (?:\w+ )?value|unrecognized configuration parameter",
        (),
        "",
        "Correct connectionOptions or connectionArguments.",
    ),
    Case(
        r"authentication plugin|auth(?:entication)? method|channel binding|cryptography",
        (1251, 1524, 2059),
        "",
        "Update the driver, or let an administrator give the user another way to log in.",
    ),
    Case(
        r"statement timeout|max_statement_time|maximum statement execution|canceling statement",
        ("57014", 1969, 3024, 1317),
        "the server ended a statement that took too long, or was asked to",
        "Raise statementTimeout, or read less: a pattern in sourceConfig.",
    ),
    Case(
        r"permission denied|command denied|Access denied",
        ("42501", 1142, 1143, 1227, 1370),
        "",
        "Grant the user what is missing: USAGE on schemas and SELECT on tables are enough.",
    ),
    Case(
        r"closed the connection|Lost connection|gone away|connection is (?:lost|closed)|"
        r"EOF detected|reset by peer|Broken pipe|was killed|consuming input failed|SSL SYSCALL",
        ("08006", "08003", 2006, 2055, 1927),
        "the connection was lost",
        "Run again with --resume; look at the log of the server if it happens again.",
    ),
    Case(
        r"out of memory|No space left|disk full|out of shared memory",
        ("53100", "53200"),
        "",
        "Let an administrator look after the server: it is out of memory or disk.",
    ),
)
