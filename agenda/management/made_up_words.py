"""The words that made_up.py builds its conference of. All people, firms and places are invented."""

from __future__ import annotations

ROOMS = [
    *(("Main Hall", 900), ("Lighthouse", 420), ("Boathouse", 300), ("Sail Loft", 240), ("Customs House", 200)),
    *(("Rope Walk", 160), ("Pier 1", 140), ("Pier 2", 140), ("Chart Room", 90), ("Library", 80)),
    *(("Workshop North", 40), ("Workshop South", 40)),
]
# Name, colour, and what its talks are about.
TRACKS = [
    (
        "Web",
        "#1d5fa8",
        [
            *("server-rendered pages", "forms that forgive", "browser storage", "web components", "slow networks"),
            *("offline pages", "long-lived style sheets", "printing from the browser", "link rot", "small scripts"),
        ],
    ),
    (
        "Data",
        "#7a3e9d",
        [
            *("time zones", "column stores", "schema changes", "duplicate records", "query planners", "open data"),
            *("weather archives", "spreadsheets in production", "event logs", "maps from old surveys"),
        ],
    ),
    (
        "Systems",
        "#9a4f00",
        [
            *("file systems", "boot times", "virtual machines", "schedulers", "memory pressure", "device drivers"),
            *("kernel tracing", "reproducible builds", "clock drift", "crash dumps"),
        ],
    ),
    (
        "Security",
        "#b0243b",
        [
            *("passkeys", "threat models", "old certificates", "sandboxing", "supply chains", "secret rotation"),
            *("phishing drills", "memory safety", "audit logs", "security advisories"),
        ],
    ),
    (
        "Community",
        "#0b6e66",
        [
            *("first contributions", "release notes", "code of conduct reports", "mentoring", "translation sprints"),
            *("maintainer handovers", "local meetups", "project funding", "code review", "documentation days"),
        ],
    ),
    (
        "Design and Access",
        "#a1307f",
        [
            *("keyboard navigation", "screen reader tests", "dark mode", "plain language", "colour contrast"),
            *("error messages", "right-to-left layouts", "type on small screens", "captions", "paper prototypes"),
        ],
    ),
    (
        "Hardware",
        "#4c6b1f",
        [
            *("solar sensors", "repairable laptops", "radio links", "open circuit boards", "harbour tide gauges"),
            *("battery life", "e-paper signs", "home-made weather stations", "serial consoles", "printed spare parts"),
        ],
    ),
    (
        "Operations",
        "#35506b",
        [
            *("backups", "on-call rotas", "status pages", "mail delivery", "capacity plans", "blameless reviews"),
            *("certificate renewals", "small clusters", "alert fatigue", "moving a data centre"),
        ],
    ),
]
TITLES = [
    *("What we learned from {}", "{} in a team of three", "{}, five years on", "A field guide to {}"),
    *("{} without tears", "The hidden cost of {}", "{} from first principles", "{} on a Friday night"),
    *("{} for the impatient", "Ten mistakes with {}", "Teaching {} to newcomers", "{} for a whole city"),
    *("Rethinking {}", "An honest look at {}", "When {} went wrong", "A short history of {}"),
    *("{}: a love story", "How a library got {} right", "Less code, better {}", "What nobody says about {}"),
]
BEGINNINGS = [
    "Everybody has an opinion on {0}, and few have numbers.",
    "Two years ago we knew next to nothing about {0}. Then a customer rang at six in the morning.",
    "Most introductions to {0} stop where the interesting part begins.",
    "We had put off {0} for as long as we could. This talk is about the week in which we no longer could.",
    "There are three ways to go about {0}. We have tried all of them, in the wrong order.",
]
MIDDLES = [
    "We walk through one real case, from the first complaint to the change that settled it.",
    "You will see what we measured, what surprised us, and which measurement turned out to be wrong.",
    "The examples are small enough to read on a slide, and all of them ran in production.",
    "Half of the answer was technical. The other half was asking the people at the front desk.",
    "We compare what the textbooks advise with what five organisations really do.",
    "No special tools are needed: a notebook, a stopwatch and some patience go a long way.",
    "Along the way we meet a bug that was older than the youngest member of the team.",
]
ENDS = [
    "You leave with a list of questions to ask about {0} at home. No earlier knowledge is needed.",
    "For people who have worked with {0} for some time and wonder whether it could be simpler.",
    "At least ten minutes are kept for questions, and for your own stories about {0}.",
    "The slides, the figures and the scripts are free to use afterwards.",
]
PLENARIES = [
    {
        "opening": (
            "Welcome, and a harbour that runs on open software",
            "Main Hall",
            "How the port of Lindhaven works.",
        ),
        "closing": ("Lightning talks", "Main Hall", "Five minutes each. Sign up at the desk before lunch."),
        "evening": ("Soup and songs", "Boathouse", "Supper for all, and a choir that takes requests."),
    },
    {
        "opening": ("Keynote: the software that outlives us", "Main Hall", "On code that is older than its authors."),
        "closing": (
            "Panel: who pays for maintenance?",
            "Main Hall",
            "Four maintainers and a treasurer, and your questions.",
        ),
        "evening": ("Evening on the water", "Pier 1", "Three ferries, two bands. Dress for the wind."),
    },
    {
        "opening": (
            "Keynote: small tools for large towns",
            "Main Hall",
            "What a town of 40,000 does with six programmers.",
        ),
        "closing": ("Closing, and where we meet next year", "Main Hall", "Thanks, lost property and the next harbour."),
        "evening": ("Board games until the last tram", "Library", "Bring a game, or learn one."),
    },
]
FIRST_NAMES = [
    *("Aino", "Amara", "Anselm", "Beatriz", "Bogdan", "Ciara", "Daichi", "Dunya", "Edda", "Emeka", "Fleur", "Gita"),
    *("Hakon", "Idris", "Ilse", "Jorun", "Kavya", "Lamar", "Leocadia", "Mats", "Mirela", "Nadir", "Noor", "Oksana"),
    *("Oona", "Pavel", "Quentin", "Rafa", "Roisin", "Sanna", "Senka", "Tadeo", "Thandi", "Ulla", "Viggo", "Wanjiru"),
    *("Xenia", "Yusuf", "Zofia", "Zoltan"),
]
LAST_NAMES = [
    *("Abernethy", "Almeida", "Baptiste", "Bergqvist", "Castellan", "Dlamini", "Drozd", "Eklund", "Farouk", "Ferrante"),
    *("Gallagher", "Gruber", "Haddad", "Halloran", "Ibarra", "Iyer", "Jokinen", "Kaminski", "Kuroda", "Lindqvist"),
    *("Maes", "Moreau", "Mwangi", "Nakagawa", "Novotny", "Okonkwo", "Oyelaran", "Petrov", "Quist", "Rasmussen"),
    *("Sandoval", "Sørensen", "Takeda", "Thorne", "Ueda", "Varga", "Vermeer", "Winther", "Yildiz", "Zeller"),
]
ORGANISATIONS = [
    *(
        "Saltmarsh Software",
        "Nine Bridges",
        "Lindhaven City Council",
        "Paperboat",
        "Tern & Tide",
        "Granite Cooperative",
    ),
    *("Foghorn Labs", "University of Westmoor", "Open Ledger Trust", "Juniper Street", "Coldwater Systems", "Hatchway"),
    *("The Slow Press", "Meridian Rail", "Kelp", "Public Library of Ostrand"),
]
JOBS = [
    *("Software Engineer", "Site Engineer", "Researcher", "Maintainer", "Designer", "Librarian", "Team Lead"),
    *("Security Analyst", "Data Engineer", "Teacher", "Technical Writer"),
]
ABOUT_PEOPLE = [
    "{name} has been at {organisation} since the office had one plug. {first} likes old manuals and new bicycles.",
    "At {organisation}, {name} looks after what others have stopped looking at. On weekends, {first} repairs radios.",
    "{name} came to programming by way of music, and to {organisation} by way of a ferry that was late.",
    "{name} writes, teaches and mends software for {organisation}. {first} has spoken at a dozen small conferences.",
]
