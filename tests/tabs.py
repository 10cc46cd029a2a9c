"""What several files of tests ask of a page in a browser."""


def address_of(tab):
    """What the page itself says: Playwright's `tab.url` hears of a new fragment a moment later."""
    return tab.evaluate("location.href")


def field(page, name):
    """The field of a leaf, which opens with its card."""
    box = page.get_by_role("textbox", name=f"{name}, the number")
    card = page.locator(f'g.card[aria-label^="{name}, value"]').first
    card.wait_for()  # until the page is there, with what its address opens
    if not box.is_visible():
        card.dispatch_event("click")
    return box
