#include "world.h"

/* word, meaning, minutes, priority, remedy bands, loss, consequential, liability, avoidable */
const cb_gen_kind_info cb_gen_kind_table[CB_GEN_KINDS] = {
    {"Late", "late urgent order", 420, {620, 300, 80, 0}, {140, 320, 400, 140}, 19000, 550, 8, 700},
    {"Wrong item", "wrong part", 540, {80, 340, 480, 100}, {90, 260, 490, 160}, 12000, 300, 4, 800},
    {"Staff", "mistreated by staff", 600, {40, 300, 560, 100}, {260, 280, 330, 130}, 4000, 80, 3, 850},
    {"Promise", "false promise", 660, {120, 380, 420, 80}, {220, 330, 340, 110}, 9000, 280, 4, 900},
    {"Fails again", "repeated breakdown", 1500, {300, 450, 230, 20}, {130, 370, 380, 120}, 42000, 500, 30, 550},
    {"Request", "special request unmet", 780, {60, 260, 560, 120}, {200, 310, 370, 120}, 7000, 150, 2, 650},
    {"Faulty", "defective product", 1020, {120, 380, 440, 60}, {100, 290, 460, 150}, 24000, 350, 25, 400},
    {"Injury", "injury", 900, {850, 150, 0, 0}, {180, 360, 360, 100}, 60000, 600, 1000, 600},
    {"Invoice", "routine", 360, {10, 90, 600, 300}, {60, 200, 600, 140}, 3500, 20, 1, 500},
    {"Question", "routine", 150, {10, 60, 530, 400}, {90, 160, 620, 130}, 1500, 10, 0, 200},
};

const cb_gen_cause cb_gen_cause_table[CB_GEN_CAUSES] = {
    {"carrier-delay", CB_GEN_K_LATE, 70, false},
    {"stock-out", CB_GEN_K_LATE, 55, false},
    {"not-flagged", CB_GEN_K_LATE, 25, false},
    {"picking-error", CB_GEN_K_WRONG, 62, false},
    {"catalogue-error", CB_GEN_K_WRONG, 28, false},
    {"label-swap", CB_GEN_K_WRONG, 16, false},
    {"rude-on-phone", CB_GEN_K_MISTREATED, 22, false},
    {"passed-around", CB_GEN_K_MISTREATED, 30, false},
    {"date-not-held", CB_GEN_K_PROMISE, 52, false},
    {"callback-missed", CB_GEN_K_PROMISE, 42, false},
    {"request-not-noted", CB_GEN_K_REQUEST, 34, false},
    {"packing-damage", CB_GEN_K_DEFECT, 24, false},
    {"seal-leak", CB_GEN_K_DEFECT, 80, false},
    {"bearing-wear", CB_GEN_K_DEFECT, 50, false},
    {"motor-overheat", CB_GEN_K_DEFECT, 36, false},
    {"weld-crack", CB_GEN_K_DEFECT, 18, false},
    {"control-board", CB_GEN_K_DEFECT, 20, false},
    {"sharp-edge", CB_GEN_K_INJURY, 7, false},
    {"guard-missing", CB_GEN_K_INJURY, 5, false},
    {"invoice-query", CB_GEN_K_INVOICE, 75, false},
    {"order-status", CB_GEN_K_QUESTION, 90, false},
    {"how-to", CB_GEN_K_QUESTION, 60, false},
    {"spare-part-query", CB_GEN_K_QUESTION, 48, false},
    {"battery-fault", CB_GEN_K_DEFECT, 6, true},
    {"wrong-voltage", CB_GEN_K_WRONG, 5, true},
    {"customs-hold", CB_GEN_K_LATE, 7, true},
    {"double-invoice", CB_GEN_K_INVOICE, 6, true},
    {"display-fault", CB_GEN_K_DEFECT, 5, true},
    {"hose-burst", CB_GEN_K_DEFECT, 6, true},
    {"manual-missing", CB_GEN_K_REQUEST, 7, true},
};
const unsigned cb_gen_rising_cause = 11, cb_gen_fixed_cause = 12, cb_gen_lemon_cause = 16;

const cb_gen_product cb_gen_product_table[CB_GEN_PRODUCTS] = {
    {"HP-40 pump", "HP", 120},      {"N2 gearbox", "N2", 90},       {"A7 compressor", "A7", 80},
    {"V3 motor", "V3", 110},        {"T9 oven", "T9", 60},          {"P5 chiller", "P5", 60},
    {"C1 washer", "C1", 100},   {"L8 panel", "L8", 50},         {"F6 press", "F6", 30},
    {"Q2 valve", "Q2", 90},     {"S4 sensor", "S4", 80},    {"M5 brewer", "M5", 70},
    {"R1 drill", "R1", 40},         {"O3 mixer", "O3", 20},
};

const cb_gen_word cb_gen_team_table[CB_GEN_TEAMS] = {
    {"Alster", 330}, {"Isar", 240}, {"Rhein", 200}, {"Field", 120},
    {"Accounts", 65}, {"Wien", 32}, {"Zug", 13},
};
const cb_gen_word cb_gen_channel_table[CB_GEN_CHANNELS] = {
    {"phone", 440}, {"email", 300}, {"web", 170}, {"chat", 70}, {"branch", 20},
};
const cb_gen_word cb_gen_region_table[CB_GEN_REGIONS] = {
    {"North", 260}, {"South", 250}, {"West", 240}, {"East", 130}, {"AT", 70}, {"CH", 50},
};
const cb_gen_word cb_gen_segment_table[CB_GEN_SEGMENTS] = {{"workshop", 620}, {"trade", 300}, {"industry", 80}};
const int64_t cb_gen_segment_value_cents[CB_GEN_SEGMENTS] = {65000, 310000, 1900000};
const cb_gen_word cb_gen_site_table[CB_GEN_SITES] = {
    {"own shop", 420}, {"search engine", 330}, {"trade portal", 170}, {"video", 80},
};
const cb_gen_word cb_gen_skill_table[CB_GEN_SKILLS] = {
    {"listening", 300}, {"product knowledge", 280}, {"planning", 200}, {"calming", 120}, {"writing", 100},
};
const cb_gen_word cb_gen_remedy_table[CB_GEN_REMEDIES] = {
    {"refund", 300}, {"replacement", 260}, {"repair", 160}, {"credit", 200}, {"discount", 80}, {"none", 0},
};
const char *const cb_gen_priority_words[CB_GEN_PRIORITIES] = {"urgent", "high", "normal", "low"};

const char *const cb_gen_state_words[CB_GEN_STATES] = {
    "clean", "quick_adequate", "adequate", "inadequate", "unresolved",
};
const double cb_gen_leaving_rate[CB_GEN_STATES] = {0.060, 0.075, 0.140, 0.360, 0.800};

const double cb_gen_case_rate[CB_GEN_CLASSES] = {0.445, 1.635, 4.40, 12.6};
const uint16_t cb_gen_class_weight[CB_GEN_CLASSES] = {700, 215, 75, 10};

uint32_t cb_gen_cause_weight(unsigned cause, int64_t utc_s)
{
    uint32_t weight = cb_gen_cause_table[cause].weight;
    if (cause == cb_gen_rising_cause && utc_s >= CB_GEN_RISE_UTC_S)
        return weight * CB_GEN_RISE_PER_MILLE;
    if (cause == cb_gen_fixed_cause && utc_s >= CB_GEN_FIX_UTC_S)
        return weight * CB_GEN_FIX_PER_MILLE;
    return weight * 1000;
}
