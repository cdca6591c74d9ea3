"""The grammar of Atom (RFC 4287, sections 3 and 4), restated as RELAX NG, and what prose demands beside it."""

from lxml import etree

_GRAMMAR = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="feed"><ref name="common"/><interleave>
  <ref name="id"/><ref name="title"/><ref name="updated"/>
  <zeroOrMore><ref name="person"/></zeroOrMore><zeroOrMore><ref name="category"/></zeroOrMore>
  <zeroOrMore><ref name="link"/></zeroOrMore>
  <optional><element name="subtitle"><ref name="text"/></element></optional>
  <optional><element name="rights"><ref name="text"/></element></optional>
  <zeroOrMore><ref name="entry"/></zeroOrMore>
</interleave></element></start>
<define name="entry"><element name="entry"><ref name="common"/><interleave>
  <ref name="id"/><ref name="title"/><ref name="updated"/>
  <optional><element name="published"><ref name="common"/><data type="dateTime"/></element></optional>
  <zeroOrMore><ref name="person"/></zeroOrMore><zeroOrMore><ref name="category"/></zeroOrMore>
  <zeroOrMore><ref name="link"/></zeroOrMore>
  <optional><element name="summary"><ref name="text"/></element></optional>
  <optional><element name="content"><ref name="text"/></element></optional>
</interleave></element></define>
<define name="id"><element name="id"><ref name="common"/><data type="anyURI"><param name="minLength">1</param></data>
  </element></define>
<define name="title"><element name="title"><ref name="text"/></element></define>
<define name="updated"><element name="updated"><ref name="common"/><data type="dateTime"/></element></define>
<define name="person"><choice><element name="author"><ref name="someone"/></element>
  <element name="contributor"><ref name="someone"/></element></choice></define>
<define name="someone"><ref name="common"/><interleave><element name="name"><data type="string"><param
  name="minLength">1</param></data></element><optional><element name="uri"><data type="anyURI"/></element></optional>
</interleave></define>
<define name="category"><element name="category"><ref name="common"/><attribute name="term"/>
  <optional><attribute name="scheme"/></optional><optional><attribute name="label"/></optional></element></define>
<define name="link"><element name="link"><ref name="common"/><attribute name="href"><data type="anyURI"/></attribute>
  <optional><attribute name="rel"/></optional><optional><attribute name="type"/></optional>
  <optional><attribute name="hreflang"/></optional><optional><attribute name="title"/></optional></element></define>
<define name="text"><ref name="common"/><optional><attribute name="type"><choice><value>text</value><value>html</value>
  </choice></attribute></optional><text/></define>
<define name="common"><optional><attribute name="xml:lang"><data type="language"/></attribute></optional>
  <optional><attribute name="xml:base"><data type="anyURI"/></attribute></optional></define>
</grammar>
"""
_SCHEMA = etree.RelaxNG(etree.fromstring(_GRAMMAR))
_ATOM = "{http://www.w3.org/2005/Atom}"


def problems(feed: bytes) -> list[str]:
    """What is wrong with a feed by grammar and by prose: one author at least, one `self`, no identity twice, an
    `updated` with its zone that is the newest of the entries'."""
    root = etree.fromstring(feed)
    _SCHEMA.validate(root)
    wrong = [str(error.message) for error in _SCHEMA.error_log]
    entries = root.findall(f"{_ATOM}entry")
    wrong += [] if root.find(f"{_ATOM}author") is not None else ["no author (4.1.1)"]
    rels = [link.get("rel") for link in root.findall(f"{_ATOM}link")]
    wrong += [] if rels.count("self") == 1 and rels.count("alternate") <= 1 else ["self or alternate (4.1.1)"]
    ids = [entry.findtext(f"{_ATOM}id") for entry in (root, *entries)]
    wrong += [] if len(ids) == len(set(ids)) else ["an identity stands twice (4.2.6)"]
    times = [str(entry.findtext(f"{_ATOM}updated")) for entry in (root, *entries)]
    wrong += [f"no zone: {time}" for time in times if not time.endswith(("Z", "+00:00"))]
    wrong += [] if not entries or times[0] == max(times[1:]) else ["updated is not the newest"]
    return wrong
