"""The registrable domain of an address, and whether an address at it confirms anything. Pure; no network.

Registrable domains follow the packaged public suffix list with its private part, so that two sites of one host are two
domains. At mailbox providers, site builders and forges anybody may have an address: they confirm nothing.
"""

import re
import unicodedata
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from catalog.memoize import memoize

# Where anybody may have a mailbox, a site or a repository; domains below them confirm nothing either.
_MAILBOXES = """
126.com 163.com 9online.fr alice.it aliceadsl.fr aol.com aon.at arcor.de att.net autistici.org bbox.fr belgacom.net
bell.net bellsouth.net bigpond.com bk.ru bluemail.ch bluewin.ch blueyonder.co.uk bol.com.br brutele.be btinternet.com
cegetel.net centrum.cz charter.net chello.at chello.nl clix.pt club-internet.fr cock.li comcast.net cox.net daum.net
dbmail.com disroot.org duck.com earthlink.net email.cz fastmail.com fastmail.fm free.fr freenet.de globo.com
globomail.com gmail.com gnet.tn hanmail.net hetnet.nl hey.com hispeed.ch home.nl icloud.com ig.com.br iinet.net.au
inbox.lv inbox.ru infonie.fr interia.pl inventati.org iol.pt kolabnow.com kpnmail.nl laposte.net libero.it lilo.org
list.ru live.be live.ca live.co.uk live.com live.com.mx live.com.pt live.dk live.fr live.it live.nl live.se mac.com
mail.com mail.ru mailbox.org mailfence.com mailo.com maktoob.com me.com menara.ma movistar.es mozmail.com msn.com
naver.com netcabo.pt netcourrier.com neuf.fr nordnet.fr ntlworld.com numericable.fr o2.pl oi.com.br onet.pl ono.com
op.pl optusnet.com.au orange.fr planet.nl planet.tn pm.me posteo.de posteo.net proton.me protonmail.ch protonmail.com
proximus.be pt.lu qq.com r7.com rambler.ru rediffmail.com riseup.net rocketmail.com rogers.com sapo.pt sbcglobal.net
scarlet.be seznam.cz sfr.fr shaw.ca sky.com skynet.be sunrise.ch sympatico.ca t-online.de talktalk.net tele2.fr
telefonica.net telenet.be telepac.pt telus.net terra.com.br terra.es tim.it tin.it tiscali.it topnet.tn tuta.com
tuta.io tutanota.com tutanota.de uol.com.br upcmail.nl verizon.net videotron.ca virgilio.it virginmedia.com
vivaldi.net voila.fr voo.be wanadoo.fr web.de wp.pl xs4all.nl ymail.com yopmail.com ziggo.nl zipmail.com.br zoho.com
zohomail.com
"""
# Providers of mailboxes that have a domain in each country: yahoo.co.in, hotmail.com.ar.
_MAILBOX_BRANDS = frozenset(["gmx", "googlemail", "hotmail", "outlook", "yahoo", "yandex"])
# Networks that give mailboxes or sites to many groups: their own people verify by a file or a record instead.
_HOSTS = """
aktivix.org altern.org espiv.net globenet.org gresille.org herbesfolles.org immerda.ch infini.fr lautre.net mailo.net
marsnet.org no-log.org noblogs.org ouvaton.coop ouvaton.org sdf.org so36.net systemli.org tilde.team toile-libre.org
zaclys.com zaclys.net
"""
_SITES = """
500px.com about.me assoconnect.com azurewebsites.net blogger.com blogspot.com canalblog.com carrd.co cloudfront.net
e-monsite.com eklablog.com facebook.com fb.com firebaseapp.com framasite.org free.fr github.io gitlab.io gitbook.io
glitch.me google.com helloasso.com herokuapp.com hubspot.com instagram.com jimdo.com jimdofree.com jimdosite.com
linkedin.com linktr.ee mailchimpsites.com medium.com netlify.app notion.site notion.so opencollective.com
overblog.com over-blog.com pages.dev readthedocs.io readthedocs.org r2.dev sites.google.com squarespace.com
substack.com surge.sh tumblr.com twitter.com typepad.com ukit.me vercel.app web.app webflow.io webnode.com webnode.fr
webnode.page weebly.com wix.com wixsite.com wordpress.com workers.dev x.com yola.com youtube.com
"""
_FORGES = """
bitbucket.io bitbucket.org chapril.org codeberg.org codeberg.page disroot.org eclipse.org framagit.org framagit.io
freedesktop.org gitea.com gitee.com github.com githubusercontent.com gitlab.com gnome.org gnu.org huggingface.co
invent.kde.org kde.org launchpad.net notabug.org npmjs.com opendev.org osdn.net packagist.org pagure.io pypi.org
salsa.debian.org savannah.gnu.org savannah.nongnu.org sourceforge.io sourceforge.net sr.ht tuxfamily.org
"""
PROVIDERS = frozenset(f"{_MAILBOXES} {_HOSTS} {_SITES} {_FORGES}".split())

# Letters that programs read in two ways: "straße.example" is strasse.example for some, a domain of its own for others.
# Refused, since nobody knows which of the two a program meant that wrote such a domain; its owner writes xn--….
# https://www.unicode.org/reports/tr46/#Deviations
_TWO_WAYS = re.compile("[\u00df\u1e9e\u03c2\u200c\u200d]")
_LABEL_CHARACTERS = 253  # of one with accents typed apart; a label has 63 in the end
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


@memoize
def registrable_domain(text: str) -> str | None:
    """The registrable domain of a web address, an e-mail address or a host; None where there is none.

    A public suffix alone, an IP address and a single word have none.

    >>> [registrable_domain(text) for text in ("https://www.ville.example.org/page", "ana@mail.example.co.uk", "co.uk")]
    ['example.org', 'example.co.uk', None]
    """
    host = _host_of(text)
    if host is None:
        return None
    domain: str | None = _suffixes().privatesuffix(host)
    return domain


@memoize
def is_confirming(domain: str) -> bool:
    """Whether an address or a record at this registrable domain shows that its owner belongs to the owner of the
    domain.

    >>> is_confirming("example.org"), is_confirming("yahoo.co.in"), is_confirming("ana.github.io")
    (True, False, False)
    """
    labels = domain.lower().split(".")
    return (
        registrable_domain(domain) == domain.lower()
        and labels[0] not in _MAILBOX_BRANDS
        and not any(".".join(labels[start:]) in PROVIDERS for start in range(len(labels)))
    )


def is_at_site(email: str, url: str | None) -> bool:
    """Whether a mail address is at the domain of a website, which is its owner's alone.

    >>> is_at_site("ana@mail.example.org", "https://www.example.org/x"), is_at_site("ana@gmail.com", "https://gmail.com")
    (True, False)
    """
    domain = registrable_domain(url) if url else None
    return domain is not None and is_confirming(domain) and registrable_domain(email) == domain


def ascii_domain(text: str) -> str | None:
    """The one form in which a domain is stored and compared, by IDNA 2008; None for what no registry gives away.

    Only upper case and accents that are typed apart are changed, so that no domain becomes another one: invisible and
    full-width characters, and what older rules map to other letters, are refused. ASCII is only put in lower case.
    https://www.rfc-editor.org/rfc/rfc5891#section-5

    >>> ascii_domain("Économie.FR"), ascii_domain("ex\u00adample.org"), ascii_domain("straße.org")
    ('xn--conomie-9xa.fr', None, None)
    """
    labels = text.removesuffix(".").split(".")
    encoded = [label.lower() if label.isascii() else _encode_label(label) for label in labels]
    return ".".join(label for label in encoded if label is not None) if None not in encoded else None


def _encode_label(label: str) -> str | None:
    import idna  # its tables are loaded only for domains beyond ASCII

    if len(label) > _LABEL_CHARACTERS:
        return None
    if _TWO_WAYS.search(label) or any(not letter.isascii() and letter.lower().isascii() for letter in label):
        return None
    small = (letter.lower() for letter in label)  # each alone: at the end of a word a Greek sigma would become another
    try:
        return idna.alabel(unicodedata.normalize("NFC", "".join(small))).decode()
    except idna.IDNAError:
        return None


def _host_of(text: str) -> str | None:
    text = text.strip()
    if "://" in text:
        try:
            place = urlsplit(text).netloc  # its hostname is in lower case, which makes a k of the sign of Kelvin
        except ValueError:
            return None
    else:
        place = text.partition("/")[0]
    host = ascii_domain(place.rpartition("@")[2].partition(":")[0])
    if host is None:
        return None
    # A last label of digits alone makes it an IPv4 address, in one of its spellings.
    return host if len(host) <= 253 and _HOST.fullmatch(host) and not host.rpartition(".")[2].isdigit() else None


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # reads 300 kB, which most processes never need

    return PublicSuffixList()
