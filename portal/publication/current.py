def city_facts():
    return {}


def is_demo():
    return False


def generation():
    return None
