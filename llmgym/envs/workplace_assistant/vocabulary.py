"""The words of which a generated company is made."""

from __future__ import annotations

__all__ = [
    "ANGLES",
    "BODIES",
    "BOARD_TASKS",
    "BUSINESSES",
    "DOMAIN",
    "EVENTS",
    "FIRST_NAMES",
    "GREETINGS",
    "LAST_NAMES",
    "NOTES",
    "SIGNATURES",
]

DOMAIN = "lindenworks.example"
"""Domain of the company's addresses; nobody can own it."""

FIRST_NAMES = (
    "Abena Agnes Alba Amina Anders Anouk Arjun Astrid Beatriz Bjorn Bruno Camila Chidi Clara Dalia Damian Daria Edwin "
    "Elif Emeka Esther Farid Felix Fiona Freya Gideon Greta Habib Hanna Hugo Ilse Imran Ingrid Isaac Ivana Jamal "
    "Jasper Joana Kaito Karim Katya Kenji Laszlo Leonie Lina Lucia Magnus Maren Mateo Mei Milan Mirela Nadir Naomi "
    "Nikhil Noor Octavia Olek Omar Paloma Pavel Petra Quentin Rafael Ramona Renata Ruben Saanvi Samir Selma Simone "
    "Stefan Sunita Tamar Tariq Teresa Tobias Ursula Valeria Viktor Wanda Wei Xenia Yasmin Yusuf Zahra Zoltan"
).split()

LAST_NAMES = (
    "Abbasi Adeyemi Albrecht Andrade Aoki Baptista Barros Bergman Bianchi Calloway Castillo Chandra Conti Dahl Delgado "
    "Dlamini Eriksen Esposito Falk Farouk Ferrante Fischer Fontaine Gallo Grimaldi Haddad Hartmann Holm Ibarra Iyer "
    "Jansen Kamara Keller Kovacs Kruger Lehmann Lindqvist Lombardi Malik Marchetti Mbeki Medina Moreau Nakamura Nowak "
    "Obrien Okafor Olsen Orlov Osman Pacheco Pereira Quispe Rahman Rasmussen Ricci Romero Rossi Salazar Santoro "
    "Schuster Serrano Sharma Silva Sorensen Takeda Tanaka Thorne Urbina Vargas Vega Vogel Wagner Whitlock Yilmaz "
    "Zapata Zeman"
).split()

EVENTS = (
    "Accessibility walkthrough",
    "All-hands rehearsal",
    "Architecture clinic",
    "Archive clean-up",
    "Audit preparation",
    "Brand refresh workshop",
    "Budget checkpoint",
    "Career coaching",
    "Contract reading",
    "Customer story hour",
    "Dashboard tour",
    "Data quality round",
    "Demo dry run",
    "Design critique",
    "Energy saving meeting",
    "Fire drill briefing",
    "Hiring huddle",
    "Incident retrospective",
    "Interview debrief",
    "Inventory count",
    "Kick-off for the mobile app",
    "Library reading group",
    "Licence review",
    "Logistics call",
    "Market outlook",
    "Mentoring hour",
    "Newsletter planning",
    "Office move planning",
    "Onboarding chat",
    "Partner breakfast",
    "Payroll questions",
    "Pricing round table",
    "Privacy training",
    "Quarter planning",
    "Release check",
    "Research show and tell",
    "Roadmap review",
    "Safety inspection",
    "Sales forecast",
    "Server room visit",
    "Summer party committee",
    "Supplier negotiation",
    "Support rota meeting",
    "Team lunch",
    "Tender preparation",
    "Trade fair planning",
    "Usability session",
    "Vendor comparison",
    "Website relaunch meeting",
    "Works council talk",
)

BOARD_TASKS = {
    "Back end": (
        ("Cache", "Index", "Log", "Migrate", "Profile", "Rate-limit", "Refactor", "Secure", "Split", "Test"),
        (
            "the billing service",
            "the export queue",
            "the login endpoint",
            "the mail worker",
            "the order database",
            "the payment callback",
            "the report job",
            "the search index",
            "the session store",
            "the upload handler",
        ),
    ),
    "Front end": (
        (
            "Animate",
            "Fix",
            "Localise",
            "Rebuild",
            "Rework",
            "Shrink",
            "Speed up",
            "Style",
            "Translate",
            "Tidy up",
        ),
        (
            "the address form",
            "the checkout page",
            "the date picker",
            "the landing page",
            "the navigation bar",
            "the news feed",
            "the password dialog",
            "the photo gallery",
            "the price table",
            "the settings screen",
        ),
    ),
    "Design": (
        (
            "Draft",
            "Illustrate",
            "Mock up",
            "Prototype",
            "Redraw",
            "Review",
            "Sketch",
            "Storyboard",
            "Test",
            "Vary",
        ),
        (
            "the annual report cover",
            "the app icon",
            "the brochure",
            "the colour palette",
            "the error pages",
            "the invoice layout",
            "the onboarding tour",
            "the poster series",
            "the product labels",
            "the trade fair booth",
        ),
    ),
}
"""For each board what is done, and to what."""

ANGLES = (
    "{0}",
    "Question about: {0}",
    "News on: {0}",
    "Notes from: {0}",
    "{0} - your view?",
    "Short update: {0}",
)
"""Subjects of mails about an event or a task."""

GREETINGS = ("Hi Robin,", "Hello Robin,", "Dear Robin,", "Good morning Robin,", "Robin,")

BODIES = (
    'I went through my notes on "{0}" and two points are still open. Can we settle them this week?',
    'There is progress on "{0}": the first half is done and the rest is planned.',
    'I am stuck with "{0}". Do you know who could give me a hand?',
    'Thank you for your help with "{0}". It made all the difference.',
    'Could you look over my draft for "{0}" before I send it round?',
    'We may need more time for "{0}" than I thought. I would rather say so early.',
    'Some numbers for "{0}" came in late, so I added them to the shared folder.',
    'I would like to try another approach to "{0}" and will show you a sketch.',
    'Nothing urgent, but keep an eye on "{0}". The supplier asked about it twice.',
    'Everybody I asked was happy with "{0}". Well done.',
    'I have written down what we agreed on "{0}". Tell me if I missed anything.',
    'For "{0}" I would need your signature by the end of the month.',
)

SIGNATURES = ("Best regards", "Kind regards", "Thanks", "Cheers", "Many thanks", "See you soon")

BUSINESSES = (
    "Amber Amplio Arbor Atlasio Aurora Basalt Beacon Birch Bluefin Bright Canopy Cedar Cinder Cobalt Copper Coral Crest "
    "Delta Drift Ember Fable Falcon Fern Flint Gale Garnet Glacier Granite Harbor Hazel Indigo Iris Juniper Kestrel "
    "Lagoon Lantern Larch Maple Meadow Mistral Nimbus Noble Ochre Onyx Orchid Pebble Pine Prairie Quarry Quartz Raven "
    "Ridge River Saffron Sage Slate Solstice Spruce Summit Tandem Thistle Timber Topaz Umber Vale Violet Willow Zephyr"
).split()
"""First halves of the names of customers' businesses."""

NOTES = (
    "Called, will think about it.",
    "Saw the demo.",
    "Asked for a quote.",
    "Met at the fair.",
    "Wants references.",
    "Budget not yet approved.",
    "Prefers mail.",
    "Talked to their technician.",
)
