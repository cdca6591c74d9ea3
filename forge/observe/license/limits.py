"""The words by which a sentence limits what a license text grants: who may use a work, for what, for how much, and what
is asked of them.

In English, French, Spanish, Portuguese, German and Italian; `is_understood` says whether a sentence is in one of them.
What is in another language is nobody's to judge here. A word too many makes an answer unsure, never surer.
"""

import re
import unicodedata
from collections.abc import Sequence

# Words that may take away what a text grants, or limit it to a part of the files.
CONDITION = re.compile(
    r"commons clause|non-?commercial|no[ -]?deriv\w*|not? (?:be )?(?:used|sold|sell)|\bexcept\b"
    r"|additional (?:terms|conditions|restrictions)|proprietary|enterprise|commercial licen[cs]e"
    r"|(?:own|other|different|separate) (?:terms|licen[cs]es?)"
    r"|all rights reserved\W+(?:no|you may not)|sauf|usage commercial|licence commerciale",
    re.IGNORECASE,
)
# Words that oblige or forbid: a sentence with one of them adds something, whatever it is.
OBLIGES = re.compile(
    r"\b(?:must|shall|may not|cannot|can not|required?|requires|prohibit\w*|forbid\w*|restrict\w*|only (?:if|for|be|to)"
    r"|provided that|subject to|in addition to|notwithstanding|as long as|on condition|obliged?|obligat\w*|ha(?:s"
    r"|ve) to"
    r"|doit|doivent|devez|interdit\w*|obligé\w*|à condition|sous réserve|hormis|uniquement"
    r"|conditions? (?:supplémentaires?|additionnelles?)|ne (?:peut|peuvent|pouvez)|pourvu que"
    r"|debe\w*|deberá\w*|prohibid\w*|salvo|siempre que|no (?:puede|podrá|se permite)\w*|condiciones adicionales"
    r"|muss|müssen|darf nicht|dürfen nicht|verboten|untersagt|nur für|sofern"
    r"|deve|devono|devem|vietat\w*|proibid\w*|não (?:pode|é permitid)\w*|deverá\w*|desde que|a patto che)\b",
    re.IGNORECASE,
)
# What is a limit in whatever sentence, also in a heading and next to a holder's name.
STRONG = re.compile(
    r"\b(?:only|solely|exclusiv\w+|strictly|non-?commercial\w*|no[nt][- ](?:for|free)\b|internal use|personal use"
    r"|private use|academic use|evaluation|trial|proprietary|confidential|prohibited|forbidden|restricted|no part"
    r"|source[- ]available|freeware|shareware|fair[- ]source|licensed to|free for|free of charge for|all commercial"
    r"|(?:community|enterprise|commercial|business|members?|cooperative|co-op|academic|educational?|research|ethical"
    r"|partners?|customers?|site|user|subscription|premium|pro|developer|charity|non-?profit) (?:edition )?licen[cs]e"
    r"|(?:by|cc)[- ]n[cd]\b|by-sa-n|-n[cd]-|sspl|busl|bsl 1\.1|elastic licen[cs]e|polyform|coopyleft|no[ -]?deriv\w*"
    r"|uniquement|seulement|exclusiv\w+|réservé\w*|interdit\w*|non commercial\w*|usage (?:personnel|privé|interne)"
    r"|solamente|únicamente|exclusiv\w+|reservad[oa]s? (?:a|para)|prohibid\w+|no comercial\w*|uso (?:personal|interno)"
    r"|somente|apenas|unicamente|proibid\w+|não[- ]comercia\w*|uso (?:pessoal|interno)"
    r"|nur|ausschließlich|verboten|untersagt|nicht[- ]?kommerziell\w*|soltanto|esclusiv\w+|vietat\w+)\b",
    re.IGNORECASE,
)
# Who, how, when and for what.
LIMIT = re.compile(
    r"\b(?:free for|us(?:e|es|ed by|age|ing)|sell|sold|sales?|commercial\w*|compan(?:y|ies)|business\w*|firms?"
    r"|corporat\w+|organi[sz]ations?|enterprises?|members?|membership|personal|private|academic|research\w*"
    r"|education\w*"
    r"|students?|schools?|universit\w+|non-?profits?|charit\w{1,9}|co-?op\w{0,12}|associations?|communit(?:y|ies)"
    r"|federations?|movements?|networks?|groups?|friends?|partners?|customers?|clients?|subscribers?|employees?|staff"
    r"|citizens|residents|workers?|volunteers?|governments?|public bod(?:y|ies)|militar\w+|arm(?:y|ies|s)|weapons?"
    r"|police"
    r"|outsiders?|strangers|competit\w+|nobody|no one|whoever|anybody|anyone|those who|everybody|everyone|elsewhere"
    r"|paid|pays?|payments?|fees?|prices?|priced|buy|bought|purchase\w*|cost\w*|charge[ds]?|royalt\w+|turnover"
    r"|revenues?"
    r"|profit\w*|donat\w+|tax\w*|subscri\w{2,9}|quotes?|invoice\w*|licensed to"
    r"|contact\w*|ask\w*|write to us|talk to us|get in touch|e-?mail us|consult\w*|approval|approves?|approved by"
    r"|permissions?|consent\w*|agree\w*|arrangements?|contracts?|negotiat\w+|sign\w*|regist(?:er|ers|ration)"
    r"|authori[sz]\w+"
    r"|need(?:s|ed)?|want\w*|wish\w*|only|solely|exclusiv\w+|unless|without|except\w*|exclud\w*|exempt\w*|limit\w*"
    r"|reserv\w+"
    r"|refrain|avoid|never|not|no longer|don't|keep away|stay|rest of|remov\w+|hosting|hosted|saas|as a service"
    r"|production|expir\w+|days|months|until|after|revok\w+|terminat\w+|withdraw\w*|ethic\w*|harm\w*|evil|abus\w+"
    r"|purposes?"
    r"|(?:intended|meant|reserved|destined|made) for|(?:granted|given|available|offered|provided|open|limited) to"
    r"|belongs? to"
    r"|property of|allow(?:s|ed)|countr(?:y|ies)|regions?|territor(?:y|ies)|attribut\w+|backlinks?|logos?|brand\w*"
    r"|badge\w*|visible|displayed"
    r"|decid\w+|unlock\w*|rights?|re-?sel\w+|re-?sale|ends|internal|lapse[sd]?|object\w*|sue[ds]?|our server|our site"
    r"|footer|so (?:is|are|do|does) (?:the|all|any|our|every)|likewise|the same (?:goes|holds)"
    r"|key from|keys? (?:is|are)|core|editions?|remains? in place|stays? with|keeps? the"
    # French
    r"|usages?|utilis\w{2,10}|réserv\w{1,9}|seulement|membres?|adhérent\w*|coopérativ\w{1,6}|associations?|entreprises?"
    r"|sociétés?|particuliers?|gratuit\w{0,8}|payant\w*|pay(?:er|ez|ent)|tarifs?|prix|frais|redevances?|abonn\w+"
    r"|achat\w*"
    r"|achet\w+|vend\w+|vente|contact\w*|demand\w+|écri(?:re|vez)|accords?|autoris\w+|convention\w*|pas|jamais|aucun\w*"
    r"|nul|sans|sinon|hors|autres que|réseau|mouvement|partenaires?|clients?|salarié\w*|armée\w*|militaire\w*|écoles?"
    r"|but"
    r"|fins|lucratif\w*|commercia\w+|personnel\w*|privé\w*|pays|logos?|quiconque|chacun\w*"
    r"|revente|revend\w+|droits?|décid\w+|clé"
    # Spanish and Portuguese
    r"|revent[ae]|revend[ae]\w*|derechos?|direitos?|decid\w+|queda en|cabe [aà]|escríb\w+|escrév\w+|uso|usos"
    r"|usar\w{0,6}|us[ae]n?|utili[zc]\w+|sol[oa]s?|sólo|solamente|apenas|somente|lucr\w{2,9}|empresas?"
    r"|socios?|sóci[oa]s?"
    r"|miembros?|membros?|cooperativ\w*|asociaci\w+|associaç\w+|organizaci\w+|organizaç\w+|escuelas?|escolas?"
    r"|entidades?"
    r"|gratis|gratuit\w*|pag(?:o|a|ar|an|am|ue|uen|uem|amentos?)|tarifas?|precios?|preços?|cuotas?|taxas?|suscri\w+"
    r"|assinat\w+"
    r"|compra\w*|vend\w+|venta|venda|contact\w*|contat\w*|pid(?:a|an|e|en|ir)|peça\w*|pedir|escrib\w+|escrev\w+"
    r"|permis\w*"
    r"|autoriz\w+|acuerdos?|acordos?|convenios?|convênios?|no|não|nunca|nunca|nadie|ningún|ninguna?|ninguém|nenhum\w*"
    r"|sin|sem"
    r"|salvo|fines|fins|comercia\w+|personal\w*|pessoa\w*|privad\w*|militar\w*|ejércitos?|exércitos?|clientes?"
    r"|socias?|red|rede"
    r"|movimiento|movimento|quien\w*|quem|país\w*"
    # German and Italian
    r"|weiterverkauf\w*|vorbehalten|rechte?|entscheid\w+|associazion\w*|consorzi\w*|rivend\w+|diritt[oi]"
    r"|nutz\w{2,9}|nur|benutz\w+|verwend\w+|mitglied\w*|verein\w*|genossenschaft\w*|unternehmen|firmen|schulen"
    r"|gemeinnützig\w*|privat\w*|kommerziell\w*|gewerblich\w*|kosten\w*|gebühr\w*|bezahl\w+|kauf\w*|verkauf\w*"
    r"|kontakt\w*"
    r"|anfrag\w*|fragen|erlaub\w+|genehmig\w+|zustimmung|vertrag\w*|nicht|kein\w*|ohne|außer|ausgenommen|zweck\w*"
    r"|utilizz\w{2,8}|soc[io]\w*|impres\w+|aziend\w+|cooperative|pagament\w*|pagare|acquist\w+|permess\w*|consens\w*"
    r"|non (?:è|può|si|per)"
    r"|senza|tranne|eccetto|scopi?)\b",
    re.IGNORECASE,
)

_LANGUAGES = tuple(
    frozenset(words.split())
    for words in (
        # English, with the words that such files are full of
        "the a an of and or to in is are was were this that these those it its for by with from on as at be been has"
        " have"
        " which see please below above each all any some most many more other others also if not please you we our your"
        " their they may can will under than into over out up where when how what who free open source software code"
        " file"
        " files program programs project license licence licensed copyright version text based copy copies contains"
        " includes included following web library libraries platform tool server website built made written",
        "le la les l un une des du de d et ou à au aux en dans par pour sur avec est sont ce cet cette ces il elle"
        " qui que"
        " qu se son sa ses leur leurs logiciel logiciels libre libres code source fichier fichiers licence sous voir"
        " version programme projet texte plus ici suivant suivante contient",
        "el la los las un una unos unas de del y e o a al en por para con es son este esta estos estas que se su sus"
        " como"
        " software libre código fuente fichero archivo archivos licencia bajo ver versión programa proyecto texto"
        " más lo",
        "o a os as um uma uns umas de do da dos das e ou em no na nos nas por para com é são este esta estes estas"
        " que se"
        " seu sua seus suas como software livre código fonte arquivo arquivos ficheiro licença sob ver versão programa"
        " projeto texto mais",
        "der die das den dem des ein eine einer eines einem einen und oder zu zum zur in im ist sind dies diese dieser"
        " dieses für von vom mit auf aus bei als auch es sie wir an am nach freie freier software quelltext datei"
        " dateien"
        " lizenz unter siehe version programm projekt text werden wird",
        "il lo la i gli le un una uno di del della dei delle e o a al alla in nel nella da dal per con è sono questo"
        " questa questi che si suo sua come software libero codice sorgente file licenza sotto vedi versione programma"
        " progetto testo",
    )
)
_UNDERSTOOD_SHARE = 0.2
_UNDERSTOOD_WORDS = 2


def is_understood(words: Sequence[str]) -> bool:
    """Whether two words and a fifth of all are among the small ones of a language whose limits are known here."""
    parts = [part for word in words for part in re.split(r"['’]", word.lower()) if part]
    needed = max(_UNDERSTOOD_WORDS, _UNDERSTOOD_SHARE * len(parts))
    return any(sum(part in small for part in parts) >= needed for small in _LANGUAGES)


def is_foreign(word: str) -> bool:
    """Whether a word has letters that are not Latin: of another script, or of one that only looks alike."""
    return not word.isascii() and any(
        letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "FEMININE", "MASCULINE"))
        for letter in word
    )
