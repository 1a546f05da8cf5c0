"""Reading Word documents, and files of them, in tests."""

import io
import zipfile

from docx import Document


def text_of(content: bytes) -> str:
    """Return the text of a Word document, or of all that lie in a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        inside = [name for name in found.namelist() if name.endswith(".docx")]
        if inside:
            return "\n".join(text_of(found.read(name)) for name in inside)
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)
