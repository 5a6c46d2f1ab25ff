"""TAXII 2.1 and 2.0 over a guarded HTTP session: the sole importer of taxii2client and requests.

    transport   a deadline on every read of a socket, headers included
    address     which addresses may be asked, and which are one server
    body        bodies up to a size, decompressed
    limits      the bounds of a pull
    retry       what is asked again, how often, and after how long
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

taxii2client builds the addresses and query strings and reads collection resources. It has no
timeout, sends credentials wherever a redirect leads, drops response headers and can page for ever;
the modules here are the answer to that.
"""
