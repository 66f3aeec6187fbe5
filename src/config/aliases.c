#include "config/header.h"

/* Names that exports use, in the order in which they are tried. */
typedef struct alias_list {
    unsigned field;
    const char *names; /* parted by '|' */
} alias_list;

static const alias_list case_aliases[] = {
    {CB_CASE_ID,
     "Ticket ID|Ticket number|Ticket no|Ticket #|Ticket|Case number|Case no|Case|"
     "Incident number|Incident ID|Incident|Issue key|Issue ID|Complaint ID|Complaint number|"
     "Claim number|Claim ID|Unique key|Request ID|Request number|Service request number|"
     "Reference number|Reference|Number|ID|Key"},
    {CB_CASE_OPENED,
     "Created at|Created time|Created date|Created on|Created|Create date|Date created|"
     "Creation date|Opened|Opened on|Date/Time Opened|Opened date|Open date|Date opened|"
     "Date received|Received date|Received at|Received on|Submitted at|Submitted on|"
     "Submission date|Reported at|Report date|Date reported|Complaint date|Logged at"},
    {CB_CASE_CUSTOMER,
     "Customer|Customer number|Customer no|Client ID|Requester id|Requester|Account ID|"
     "Account number|Account|Contact ID|Caller ID|Caller|Reporter|User ID|Requester Email|"
     "Customer email"},
    {CB_CASE_FIRST_RESPONSE,
     "First reply at|First replied at|First responded at|Initial response time|Responded at"},
    {CB_CASE_RESOLVED,
     "Solved at|Solved on|Solved|Resolved time|Resolved on|Resolved date|Date resolved|"
     "Resolution date|Resolved|Closed time|Closed at|Closed on|Closed date|Date closed|"
     "Close date|Date/Time Closed|Closed|Completed at|Completed on|Completion date"},
    {CB_CASE_UPDATED,
     "Updated|Updated on|Last updated|Last updated time|Last update time|Last modified|"
     "Last modified date|Modified at|Modified on|sys_updated_on|sys_updated_at"},
    {CB_CASE_PROMISED,
     "Promised date|Promised for|Due date|Due at|Due by time|Due by|Due on|Due|Target date|"
     "Deadline"},
    {CB_CASE_FOLLOW_UP, "Follow-up date|Follow-up on|Followed up at|Followed up on|Callback date"},
    {CB_CASE_STATUS, "Ticket status|Case status|Incident state|State|Status name|Disposition"},
    {CB_CASE_KIND,
     "Problem kind|Problem type|Ticket type|Case type|Issue type|Complaint type|Claim type|"
     "Request type|Category|Type|Issue"},
    {CB_CASE_CAUSE,
     "Cause|Cause code|Case reason|Reason|Reason code|Sub-category|Sub-issue|Close code|"
     "Closed code|Descriptor"},
    {CB_CASE_PRODUCT, "Product name|Product purchased|Item|Item name|Article|Service|Model|SKU"},
    {CB_CASE_UNIT, "Serial number|Serial no|Asset|Asset ID|Asset name|Configuration item|cmdb_ci"},
    {CB_CASE_CHANNEL,
     "Source|Via|Origin|Case origin|Contact type|Submitted via|Received via|Ticket channel"},
    {CB_CASE_TEAM, "Group|Assignment group|Support group|Queue|Department|Agency|Owner role"},
    {CB_CASE_AGENT, "Assignee|Assigned to|Agent name|Case owner|Owner|Handled by"},
    {CB_CASE_PRIORITY, "Ticket priority|Case priority|Severity|Urgency"},
    {CB_CASE_REGION, "Location|Territory|Country|Borough|City"},
    {CB_CASE_TRANSFERS,
     "Reassignment count|Reassignments|Transfer count|Handovers|Number of transfers"},
    {CB_CASE_CONTACTS,
     "Contact count|Number of contacts|Customer interactions|Interactions|Replies"},
    {CB_CASE_REOPENS, "Reopen count|Times reopened|Number of reopens"},
    {CB_CASE_ESCALATED, "Is escalated|Escalation"},
    {CB_CASE_ESCALATED_AT, "Escalation date|Escalated on"},
    {CB_CASE_LIABILITY, "Legal exposure|Injury|Safety issue"},
    {CB_CASE_APOLOGY, "Apologized|Apologised|Apology given"},
    {CB_CASE_OPTIONS, "Number of options|Options given|Options"},
    {CB_CASE_AGREED, "Customer agreed|Agreement|Accepted"},
    {CB_CASE_LOSS, "Loss|Customer loss|Claim amount|Claimed amount|Amount claimed|Damage amount"},
    {CB_CASE_CONSEQUENTIAL, "Consequential damage|Consequential cost|Downtime cost"},
    {CB_CASE_CURRENCY, "Currency code|CurrencyIsoCode"},
    {CB_CASE_REMEDY_TYPE, "Remedy|Compensation type|Type of remedy"},
    {CB_CASE_REMEDY,
     "Remedy value|Close amount|Compensation|Compensation amount|Refund amount|Refund|"
     "Amount paid|Paid amount|Credit amount|Goodwill amount"},
    {CB_CASE_SATISFACTION, "Satisfaction score|Satisfaction rating|Customer satisfaction rating|"
                           "Customer satisfaction|CSAT|CSAT score|Survey results|Survey result"},
    {CB_CASE_AVOIDABLE, "Preventable|Could be avoided"},
    {CB_CASE_SKILL, "Skill|Missing skill|Training needed"},
    {CB_CASE_TEXT,
     "Conversation|Description|Message|Narrative|Comments|Body|Summary|Short description|"
     "Subject"},
    /* Only names with a unit: "Resolution time" and "Time to resolution" are times in some exports.
     * What is counted in business hours has names of its own, and no place here. */
    {CB_CASE_FIRST_RESPONSE_DURATION,
     "First reply time in minutes|First reply time in hours|First response time (in hrs)|"
     "First response time in hours|First response time (hours)|First response time in minutes|"
     "First response time (minutes)|First response hours|First response minutes|"
     "Hours to first response|Minutes to first response"},
    {CB_CASE_RESOLUTION_DURATION,
     "Resolution time (in hrs)|Resolution time in hours|Resolution time (hours)|"
     "Resolution time (hrs)|Resolution time in minutes|Resolution time (minutes)|"
     "Full resolution time in minutes|Full resolution time in hours|Resolution time in days|"
     "Resolution time (days)|Resolution time in seconds|Resolution hours|Resolution minutes|"
     "Time to resolve (hours)|Time to resolution (hours)|Hours to resolve|Minutes to resolve|"
     "Days to resolve"},
};

static const alias_list review_aliases[] = {
    {CB_REVIEW_ID, "Review number|Comment ID|ID"},
    {CB_REVIEW_POSTED, "Posted on|Posted|Review date|Published at|Created at|Submitted at|Date|At"},
    {CB_REVIEW_RATING, "Star rating|Stars|Score|Review score|Overall rating|Points"},
    {CB_REVIEW_CUSTOMER, "Customer|Customer number|User ID|Author ID|Reviewer ID"},
    {CB_REVIEW_CASE, "Case number|Ticket ID|Ticket number|Ticket"},
    {CB_REVIEW_PRODUCT, "Product name|Product ID|Item|ASIN|SKU|App"},
    {CB_REVIEW_SITE, "Platform|Website|Portal|Source"},
    {CB_REVIEW_REACH, "Views|Impressions|Readers"},
    {CB_REVIEW_TEXT, "Review text|Review|Comment|Content|Body|Message"},
};

static const alias_list customer_aliases[] = {
    {CB_CUSTOMER_ID,
     "Customer number|Customer no|Customer|Client ID|Account ID|Account number|Account|"
     "Contact ID|User ID|ID"},
    {CB_CUSTOMER_SINCE,
     "Customer since|Start date|Signup date|Joined|Join date|Registered at|First purchase|"
     "Created at"},
    {CB_CUSTOMER_VALUE, "Annual revenue|Yearly revenue|Yearly value|Annual contract value|ACV|ARR"},
    {CB_CUSTOMER_CURRENCY, "Currency code|CurrencyIsoCode"},
    {CB_CUSTOMER_SEGMENT, "Customer segment|Tier|Plan|Contract"},
    {CB_CUSTOMER_CHURNED,
     "Churn date|Cancelled at|Canceled at|Cancellation date|Terminated at|End date|Left on"},
    {CB_CUSTOMER_LAST_ACTIVE,
     "Last active|Last activity|Last seen|Last login|Last purchase|Last order date"},
};

static const char *names_of(cb_role role, unsigned field)
{
    static const struct {
        const alias_list *list;
        size_t n;
    } all[CB_ROLES] = {
        [CB_CASES] = {case_aliases, sizeof case_aliases / sizeof *case_aliases},
        [CB_REVIEWS] = {review_aliases, sizeof review_aliases / sizeof *review_aliases},
        [CB_CUSTOMERS] = {customer_aliases, sizeof customer_aliases / sizeof *customer_aliases},
    };
    for (size_t i = 0; i < all[role].n; i++)
        if (all[role].list[i].field == field)
            return all[role].list[i].names;
    return "";
}

bool cb_alias_next(cb_role role, unsigned field, const char **at, cb_str *alias)
{
    const char *from = *at ? *at : names_of(role, field);
    if (*from == '\0')
        return false;
    const char *end = strchr(from, '|');
    *alias = (cb_str){from, end ? (size_t)(end - from) : strlen(from)};
    *at = end ? end + 1 : from + strlen(from);
    return true;
}
