"""Hot spots and frequent types: where and of what there are many cases, and where there are more than chance explains.

cells, spans       hexagons of the map (H3); days and spans of weeks that counts are kept by
counting, rebuild  keeping the counts true as cases change, in small steps or anew
scope              whose cases a person's figures count; kinds: of which category or scene
places, types, repeats, trend   the answers
watch, signals     the nightly scan, and what people do about what it finds
"""
