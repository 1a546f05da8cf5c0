"""Practice packages: what a place has configured, moved to another place, without any personal data.

registry   what can be moved; each app registers its own kinds of rows
package    writing a package, reading one, telling the differences, applying them
"""

from governance.practice.registry import Children, Part, Versions, practice_part

__all__ = ["Children", "Part", "Versions", "practice_part"]
