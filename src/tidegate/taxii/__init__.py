"""TAXII 2.1 and 2.0 over a guarded HTTP session: the sole importer of taxii2client and requests.

    credential  what proves who we are, and how to notice that it comes back
    dial        a connection to a name that is resolved once and may be contacted
    tls         whom a feed trusts, and the certificate it shows
    transport   a deadline on every read of a socket, headers included
    proxy       a tunnel through the proxy that a feed names
    way         the way to one server: dial or proxy, and TLS
    address     which addresses may be asked, and which are one server
    body        bodies up to a size, decompressed
    limits      the bounds of a pull
    retry       what is asked again, how often, and after how long
    behalf      whom a hint speaks to: a feed's owner, or a partner's
    faults      what goes wrong on the way, in one line
    session     the guarded session: origin, credential, redirects, deadlines
    download    one document, unless it is as it was
    reply       what comes back
    paging      which page to ask for next: the two versions' ways
    pager       when to stop, what cursor to keep
    dialect     what else the two versions call by other names
    connection  taxii2client on top of that session, and one-line errors
    collection  one collection of an API root
    discovery   from an address to that collection
    status      what a server says became of the objects it was sent
    push        sending objects, and the account of each

taxii2client builds the addresses and query strings and reads collection resources. It has no
timeout, sends credentials wherever a redirect leads, drops response headers and can page for ever;
the modules here are the answer to that.
"""
