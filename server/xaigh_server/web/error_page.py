"""HTML page of error reasons, with cause and cure of each as the protos declare them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from html import escape
from typing import Protocol

from google.rpc.code_pb2 import Code


class Reason(Protocol):
    """What the page shows of one reason."""

    @property
    def code(self) -> str: ...
    @property
    def grpc_code(self) -> int: ...
    @property
    def http_status(self) -> int: ...
    @property
    def cause(self) -> str: ...
    @property
    def cure(self) -> str: ...


_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error reasons · XaiGH API</title>
<link rel="icon" type="image/png" href="favicon-32x32.png">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header class="bar"><a href="../docs">XaiGH API</a><nav><a href="../docs">Reference</a>
<a href="errors" aria-current="page">Errors</a><a href="../openapi.json">OpenAPI</a></nav></header>
<main>
<h1>Error reasons</h1>
<p>Every error names its <b>code</b>, from the closed list below, and its <b>reason</b>, from a list
that grows: programs decide by either and fall back on the code for a reason they don't know.
Over REST they are members of the error; over gRPC the reason stands in <code>ErrorInfo</code>, with
the domain <code>api.xaigh.com</code>. The <code>requestId</code> of an error names the call to us.
</p>
<p>Over gRPC, a message or metadata past the size limits and the caller's own deadline are answered
by the transport itself: with a code, without a reason.</p>
<ul class="index">
{index}
</ul>
{sections}
</main>
</body>
</html>
"""


def error_page(reasons: Mapping[str, Reason]) -> bytes:
    """Returns the page. Reasons and codes have their lower-case names as anchors."""
    by_code: dict[str, list[str]] = defaultdict(list)
    for name, reason in reasons.items():
        by_code[reason.code].append(name)
    ordered = sorted(by_code, key=lambda code: (reasons[by_code[code][0]].http_status, code))
    index = "\n".join(
        f'<li><a href="#code-{code}"><span>{reasons[by_code[code][0]].http_status}</span> '
        f"<code>{code}</code></a></li>"
        for code in ordered
    )
    sections = "\n".join(_section(code, by_code[code], reasons) for code in ordered)
    return _PAGE.format(index=index, sections=sections).encode()


def _section(code: str, names: list[str], reasons: Mapping[str, Reason]) -> str:
    entries = "\n".join(_entry(name, reasons[name]) for name in names)
    return f'<section id="code-{code}">\n<h2><code>{code}</code></h2>\n{entries}\n</section>'


def _entry(name: str, reason: Reason) -> str:
    anchor = name.lower()
    return (
        f'<article id="{anchor}">\n<h3><a href="#{anchor}">{name}</a></h3>\n'
        f'<p class="facts">HTTP {reason.http_status} · gRPC {Code.Name(reason.grpc_code)}</p>\n'
        f"<p>{_prose(reason.cause)}</p>\n"
        f'<p class="cure">{_prose(reason.cure)}</p>\n</article>'
    )


def _prose(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
