"""What mkdocs does to the pages of the guide: a start page, pictures of both themes, and the reference of names."""

import re
from pathlib import Path

from mkdocs.structure.files import File

import neuropil_gui

START = "01-first-minute.md"
REFERENCE = "16-reference.md"


def on_files(files, config):
    """Let the site start with the guide's first page, and add a page that describes each public name."""
    start = files.get_file_from_path(START)
    start.dest_uri, start.url = "index.html", "index.html"
    names = sorted((name for name in neuropil_gui.__all__ if name != "__version__"), key=str.lower)
    text = "# Reference\n\nThe public names of `neuropil_gui`.\n\n"
    text += "\n".join(f"::: neuropil_gui.{name}\n" for name in names)
    files.append(File.generated(config, REFERENCE, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Show the picture of the reader's theme, where there is one for each."""

    def both(match):
        alt, path = match.groups()
        dark = Path(path).with_name(f"{Path(path).stem}-dark{Path(path).suffix}").as_posix()
        if files.get_file_from_path(dark) is None:
            return match.group()
        return f"![{alt}]({path}#only-light)![{alt}]({dark}#only-dark)"

    return re.sub(r"!\[([^]]*)\]\(([^)#]+)\)", both, markdown)
