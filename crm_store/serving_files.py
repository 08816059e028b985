"""The headers a file is served with, by customers' and by staff's side alike. Pure.

Only kinds of image that no browser runs are shown in place; anything else is bytes to be saved, whatever it says it
is, so that nobody's upload can act in our name.
"""

from urllib.parse import quote

from crm_store.file_types import IMAGES, OTHER


def headers_for(mime: str, name: str) -> dict[str, str]:
    """Headers for a file of this kind (as found out from its bytes) and name."""
    is_image = mime in IMAGES
    how = "inline" if is_image else "attachment"
    return {
        "Content-Type": mime if is_image else OTHER,
        # RFC 6266, 4.3: the encoded form is for all browsers of today, and cannot end the header's value.
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
