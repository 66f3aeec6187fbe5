/* mapping_headers.h - headers as vendors' exports have them, and the columns that fields must be read from.
 * Verbatim from real files and from code that reads or writes the exports; shared by the tests of presets and
 * mapping. */
#ifndef TESTS_MAPPING_HEADERS_H
#define TESTS_MAPPING_HEADERS_H

#include "testing.h"

#include "casebook/mapping.h"

#include <stdio.h>

typedef struct header_case {
    const char *name;
    cb_role role;
    const char *preset; /* "" none */
    const char *header; /* parted by ',' */
    const char *fields; /* "field=Column,…"; "field=#3" the third; "field=-" not mapped; "field=@" the line */
} header_case;

static const header_case header_cases[] = {
    {"zendesk full", CB_CASES, "zendesk-export",
     "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,Assignee,Group,"
     "Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due date,Initially assigned at,"
     "Solved at,Resolution time,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,First reply time in minutes,"
     "First reply time in minutes within business hours,First resolution time in minutes,First resolution time in minutes within "
     "business hours,Full resolution time in minutes,Full resolution time in minutes within business hours,Agent wait time in "
     "minutes,Agent wait time in minutes within business hours,Requester wait time in minutes,Requester wait time in minutes within "
     "business hours,On hold time in minutes,On hold time in minutes within business hours,Product area [list]",
     "case_id=Id,opened_at=Created at,resolved_at=Solved at,customer_id=Requester id,satisfaction=Satisfaction Score,team=Group,"
     "agent=Assignee,promised_at=Due date,first_response_at=-,transfers=-,loss_amount=-,channel=Via,updated_at=Updated at"},
    {"zendesk resaved", CB_CASES, "zendesk-export",
     "Id,Requester id,Group,Status,Priority,Via,Created at,Updated at,Assigned at,Initially assigned at,Solved at,Resolution time,"
     "Satisfaction Score,Reopens,Replies,First reply time in minutes within business hours,First resolution time in minutes,First "
     "resolution time in minutes within business hours,Full resolution time in minutes,Full resolution time in minutes within "
     "business hours,Requester wait time in minutes,Requester wait time in minutes within business hours,Manual Tagging of "
     "Categories [list]",
     "case_id=Id,opened_at=Created at,resolved_at=Solved at,agent=-,text=-,kind=-,reopens=Reopens"},
    {"zendesk explore", CB_CASES, "zendesk-explore",
     "ID,Status,Priority,Via,Ticket type,Created at,Updated at,Solved at,Assignee,Group,Tags,Satisfaction Score,First reply time in "
     "minutes,First reply time in minutes within business hours,First resolution time in minutes,Full resolution time in minutes "
     "within business hours,Requester wait time in minutes within business hours,Reopens,Replies,Assignee stations,Group stations",
     "case_id=ID,opened_at=Created at,resolved_at=Solved at,kind=Ticket type,customer_id=-,contacts=Replies"},
    {"zendesk api", CB_CASES, "zendesk-api",
     "id,created_at,updated_at,type,subject,description,priority,status,requester_id,submitter_id,assignee_id,group_id,"
     "organization_id,tags,via,satisfaction_rating.score",
     "case_id=id,opened_at=created_at,customer_id=requester_id,agent=assignee_id,team=group_id,resolved_at=-,kind=type,"
     "satisfaction=satisfaction_rating.score,text=description"},
    {"freshdesk", CB_CASES, "freshdesk",
     "Ticket ID,Subject,Description,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Closed time,Last "
     "update time,Initial response time,Time tracked,First response time (in hrs),Resolution time (in hrs),Agent interactions,"
     "Customer interactions,Resolution status,First response status,Tags,Survey results,Product,Full name,Email,Work phone,Mobile "
     "phone,Title,Company Name,Company Domains,Health score,Account tier,Industry,Renewal date",
     "case_id=Ticket ID,opened_at=Created time,resolved_at=Resolved time,first_response_at=Initial response time,promised_at=Due by "
     "Time,updated_at=Last update time,contacts=Customer interactions,kind=Type,customer_id=Email,product=Product,channel=Source"},
    {"freshdesk older", CB_CASES, "freshdesk",
     "Ticket Id,Subject,Description,Status,Priority,Source,Customer,Requester,Agent,Group,Created Time,Due by Time,Resolved Time",
     "case_id=Ticket Id,opened_at=Created Time,resolved_at=Resolved Time,customer_id=Requester,agent=Agent"},
    {"freshservice", CB_CASES, "freshservice",
     "Subject,Type,Status,Urgency,Impact,Priority,Group,Agent,Company,Description,Category,Sub-Category,Item,Source,Resolution Note,"
     "Experience Score,Association type,Requester Location,Requester VIP,Ticket Id,Requester Name,Requester Email,Created Time,Due by "
     "Time,Resolved Time,Closed Time,Last Updated Time,Initial Response Time,Time Tracked,First Response Time (in Hrs),Resolution "
     "Time (in Hrs),Agent interactions,Customer interactions,Resolution Status,First Response Status,Tags,Survey Result,Approval "
     "Status,Others,Others",
     "case_id=Ticket Id,opened_at=Created Time,resolved_at=Resolved Time,kind=Category,root_cause=Sub-Category,product=Item,"
     "priority=Priority,region=Requester Location"},
    {"servicenow list", CB_CASES, "servicenow-list",
     "number,incident_state,opened_at,caller_id,short_description,sys_updated_on,assignment_group,calendar_duration,closed_by",
     "case_id=number,opened_at=opened_at,status=incident_state,updated_at=sys_updated_on,team=assignment_group,resolved_at=-"},
    {"servicenow view", CB_CASES, "servicenow-list",
     "number,opened_at,short_description,caller_id,priority,state,category,assignment_group,assigned_to,sys_updated_on,"
     "sys_updated_by",
     "case_id=number,status=state,kind=category,agent=assigned_to,customer_id=caller_id"},
    {"servicenow labels", CB_CASES, "servicenow-list",
     "Number,Opened,Short description,Caller,Priority,State,Category,Assignment group,Assigned to,Updated,Updated by",
     "case_id=Number,opened_at=Opened,customer_id=Caller,status=State,updated_at=Updated,team=Assignment group"},
    {"servicenow audit", CB_CASES, "servicenow-audit",
     "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_by,opened_at,"
     "sys_created_by,sys_created_at,sys_updated_by,sys_updated_at,contact_type,location,category,subcategory,u_symptom,cmdb_ci,impact,"
     "urgency,priority,assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,rfc,vendor,caused_by,"
     "closed_code,resolved_by,resolved_at,closed_at",
     "case_id=number,opened_at=opened_at,resolved_at=resolved_at,updated_at=sys_updated_at,transfers=reassignment_count,"
     "reopens=reopen_count,unit=cmdb_ci,kind=subcategory,product=category,root_cause=closed_code,status=-"},
    {"jira", CB_CASES, "jira",
     "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Project type,Project lead,Project lead id,Project "
     "description,Priority,Resolution,Assignee,Assignee Id,Reporter,Reporter Id,Creator,Creator Id,Created,Updated,Last Viewed,"
     "Resolved,Due date,Votes,Description,Environment,Watchers,Watchers,Watchers Id,Watchers Id,Original estimate,Remaining Estimate,"
     "Time Spent,Work Ratio,\xCE\xA3 Original Estimate,\xCE\xA3 Remaining Estimate,\xCE\xA3 Time Spent,Security Level,Attachment,"
     "Custom field (Category),Custom field (Category),Custom field (Time to first response),Custom field (Time to resolution),"
     "Satisfaction rating,Custom field (Satisfaction date),Sprint,Comment,Comment,Parent,Parent key,Parent summary,Status Category,"
     "Status Category Changed",
     "case_id=Issue key,opened_at=Created,resolved_at=Resolved,updated_at=Updated,status=Status Category,kind=Issue Type,"
     "root_cause=#41,customer_id=Reporter Id,agent=Assignee Id,satisfaction=Satisfaction rating,promised_at=Due date,"
     "product=Project name,first_response_at=-"},
    {"jira filter", CB_CASES, "jira",
     "Issue Type,Issue key,Summary,Assignee,Reporter,Priority,Status,Resolution,Created,Updated,Due Date,Component/s",
     "status=Status,product=Component/s,agent=Assignee,resolved_at=-,promised_at=Due Date"},
    {"salesforce report", CB_CASES, "salesforce-report",
     "Case Number,Date/Time Opened,Subject,Description,Status,Priority,Case Owner,Account Name,Date/Time Closed,Case Origin,"
     "Case Reason",
     "case_id=Case Number,opened_at=Date/Time Opened,resolved_at=Date/Time Closed,agent=Case Owner,root_cause=Case Reason,"
     "channel=Case Origin,customer_id=Account Name,text=Description"},
    {"salesforce api", CB_CASES, "salesforce-api",
     "Id,IsDeleted,MasterRecordId,CaseNumber,ContactId,AccountId,AssetId,ParentId,SuppliedName,SuppliedEmail,SuppliedPhone,"
     "SuppliedCompany,Type,Status,Reason,Origin,Subject,Priority,Description,IsClosed,ClosedDate,IsEscalated,OwnerId,CreatedDate,"
     "CreatedById,LastModifiedDate",
     "case_id=CaseNumber,opened_at=CreatedDate,resolved_at=ClosedDate,updated_at=LastModifiedDate,escalated=IsEscalated,"
     "customer_id=AccountId,unit=AssetId,agent=OwnerId,kind=Type"},
    {"cfpb", CB_CASES, "cfpb",
     "Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,"
     "Tags,Consumer consent provided?,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer "
     "disputed?,Complaint ID",
     "case_id=Complaint ID,opened_at=Date received,status=Company response to consumer,kind=Issue,root_cause=Sub-issue,"
     "channel=Submitted via,region=State,resolved_at=-,loss_amount=-,team=Company"},
    {"cfpb api", CB_CASES, "cfpb",
     "date_received,product,sub_product,issue,sub_issue,consumer_complaint_narrative,company_public_response,company,state,zip_code,"
     "tags,consumer_consent_provided,submitted_via,date_sent_to_company,company_response_to_consumer,timely_response,"
     "consumer_disputed,complaint_id",
     "case_id=complaint_id,opened_at=date_received,status=company_response_to_consumer,product=product,channel=submitted_via"},
    {"cfpb 2015", CB_CASES, "cfpb",
     ",Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely "
     "response?,Consumer disputed?",
     "case_id=Complaint ID,opened_at=Date received,status=Company response,team=-"},
    {"nyc 311", CB_CASES, "nyc311",
     "Unique Key,Created Date,Closed Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,Incident Zip,Status,Due Date,"
     "Resolution Description,Resolution Action Updated Date,Community Board,BBL,Borough,Open Data Channel Type,Latitude,Longitude,"
     "Location",
     "case_id=Unique Key,opened_at=Created Date,resolved_at=Closed Date,team=Agency,kind=Complaint Type,root_cause=Descriptor,"
     "updated_at=Resolution Action Updated Date,region=Borough,promised_at=Due Date,channel=Open Data Channel Type"},
    {"nyc 311 api", CB_CASES, "nyc311",
     "unique_key,created_date,agency,agency_name,complaint_type,descriptor,closed_date,status,due_date,"
     "resolution_action_updated_date,borough,open_data_channel_type,:@computed_region_efsh_h5xi",
     "case_id=unique_key,opened_at=created_date,resolved_at=closed_date,region=borough"},
    {"fcc", CB_CASES, "fcc-comcast",
     "Ticket #,Customer Complaint,Date,Date_month_year,Time,Received Via,City,State,Zip code,Status,Filing on Behalf of Someone",
     "case_id=Ticket #,opened_at=Date_month_year,channel=Received Via,region=State,text=Customer Complaint"},
    {"tsa", CB_CASES, "tsa-claims",
     "Claim Number,Date Received,Incident Date,Airport Code,Airport Name,Airline Name,Claim Type,Claim Site,Item,Claim Amount,Status,"
     "Close Amount,Disposition",
     "case_id=Claim Number,opened_at=Date Received,loss_amount=Claim Amount,remedy_amount=Close Amount,status=Disposition,"
     "product=Item,kind=Claim Type,root_cause=Claim Site"},
    {"tsa 2014", CB_CASES, "tsa-claims",
     "Claim Number,Date Received,Incident Date,Airport Code,Airport Name,Airline Name,Claim Type,Claim Site,Item Category,Close "
     "Amount,Disposition",
     "loss_amount=-,remedy_amount=Close Amount,product=Item Category,status=Disposition"},
    {"turkish", CB_CASES, "helpdesk-tr", "Talep No,Konu,A\xC3\xA7\xC4\xB1klama,Olu\xC5\x9Fturma Tarihi",
     "case_id=Talep No,opened_at=Olu\xC5\x9Fturma Tarihi,text=A\xC3\xA7\xC4\xB1klama"},
    {"own names", CB_CASES, "generic", "case_id,opened_at,loss_amount,remedy_amount,text",
     "case_id=case_id,loss_amount=loss_amount,text=text,status=-"},
    {"aliases alone", CB_CASES, "", "Ticket Number,Date Opened,Date Closed,Owner,Severity,Refund",
     "case_id=Ticket Number,opened_at=Date Opened,resolved_at=Date Closed,agent=Owner,priority=Severity,remedy_amount=Refund"},
    {"google play", CB_REVIEWS, "google-play",
     "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,Review Submit Millis Since "
     "Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,Star Rating,Review Title,Review Text,Developer "
     "Reply Date and Time,Developer Reply Millis Since Epoch,Developer Reply Text,Review Link",
     "review_id=@,posted_at=Review Submit Date and Time,rating=Star Rating,product=Package Name,text=Review Text"},
    {"play scraper", CB_REVIEWS, "google-play-scraper",
     "userName,userImage,content,score,thumbsUpCount,reviewCreatedVersion,at,replyContent,repliedAt,appVersion",
     "review_id=@,posted_at=at,rating=score,text=content,customer_id=userName"},
    {"play scraper with ids", CB_REVIEWS, "google-play-scraper",
     "reviewId,userName,userImage,content,score,thumbsUpCount,reviewCreatedVersion,at,replyContent,repliedAt",
     "review_id=reviewId"},
    {"skytrax", CB_REVIEWS, "skytrax",
     "airline_name,link,title,author,author_country,date,content,aircraft,overall_rating,recommended",
     "review_id=@,posted_at=date,rating=overall_rating,product=airline_name,customer_id=author"},
    {"olist", CB_REVIEWS, "olist-reviews",
     "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp",
     "review_id=review_id,posted_at=review_creation_date,rating=review_score,case_id=-,text=review_comment_message"},
    {"alexa", CB_REVIEWS, "alexa-reviews", "rating,date,variation,verified_reviews,feedback",
     "review_id=@,posted_at=date,rating=rating,product=variation,text=verified_reviews"},
    {"turkish survey", CB_REVIEWS, "survey-tr", "Yorum,Tarih,Puan",
     "review_id=@,posted_at=Tarih,rating=Puan,text=Yorum"},
    {"telco", CB_CUSTOMERS, "telco-churn",
     "CustomerID,Count,Country,State,City,Zip Code,Gender,Tenure Months,Contract,Monthly Charges,Total Charges,Churn Label,Churn "
     "Value,Churn Score,CLTV,Churn Reason",
     "customer_id=CustomerID,segment=Contract,churned_at=-,annual_value=-,since=-"},
    {"own customers", CB_CUSTOMERS, "", "customer_id,since,annual_value,currency,segment,churned_at,last_active_at",
     "customer_id=customer_id,last_active_at=last_active_at,annual_value=annual_value"},
};

enum { MAX_CELLS = 100, MAX_HEADER = 4000 };

/* Cuts text at each mark; the cells point into text. */
static inline size_t cut_header(const char *text, char mark, cb_str cells[MAX_CELLS])
{
    size_t n = 0;
    for (;; text++) {
        const char *end = strchr(text, mark);
        cells[n++] = (cb_str){text, end ? (size_t)(end - text) : strlen(text)};
        if (end == NULL)
            return n;
        text = end;
    }
}

/* What is needed to map headers in a test. */
typedef struct bench {
    cb_settings *settings;
    cb_presets *presets;
    cb_arena *arena;
} bench;

static inline bench new_bench(const char *ini)
{
    bench b = {NULL, NULL, cb_arena_new(NULL, 0)};
    cb_error err = {0};
    CHECK(b.arena && cb_settings_new(&b.settings, NULL, &err) == CB_OK, "%s", err.why);
    CHECK(cb_settings_text(b.settings, cb_str_of(ini), "t.ini", &err) == CB_OK, "%s\n%s", err.why, ini);
    CHECK(cb_settings_finish(b.settings, &err) == CB_OK, "%s", err.why);
    CHECK(cb_presets_new(&b.presets, NULL, &err) == CB_OK, "%s", err.why);
    return b;
}

static inline void free_bench(bench *b)
{
    cb_settings_free(b->settings);
    cb_presets_free(b->presets);
    cb_arena_free(b->arena);
}

static inline cb_mapping_request request_of(const bench *b, cb_role role)
{
    return (cb_mapping_request){b->settings, b->presets, role, {"", 0}, "x.csv"};
}

static inline cb_mapping *map_cells(const bench *b, cb_role role, const cb_str *cells, size_t n)
{
    cb_mapping_request request = request_of(b, role);
    cb_mapping *mapping = NULL;
    cb_error err = {0};
    CHECK(cb_mapping_new(&mapping, &request, cells, n, b->arena, &err) == CB_OK, "%s", err.why);
    return mapping;
}

static inline cb_mapping *map_header(const bench *b, cb_role role, const char *header)
{
    cb_str cells[MAX_CELLS];
    return map_cells(b, role, cells, cut_header(header, ',', cells));
}

/* A field's source as header_case writes it. */
static inline void source_text(const cb_mapping *mapping, unsigned field, char *out, size_t cap)
{
    int column = mapping->field[field].column;
    if (column < 0)
        (void)snprintf(out, cap, "%s", column == CB_COLUMN_LINE ? "@" : "-");
    else
        (void)snprintf(out, cap, "%.*s", (int)mapping->header[column].len, mapping->header[column].at);
}

/* Fails unless each "field=source" of the list holds. */
static inline void check_fields(const char *name, const cb_mapping *mapping, const char *fields)
{
    cb_str parts[MAX_CELLS];
    size_t n = cut_header(fields, ',', parts);
    for (size_t i = 0; i < n; i++) {
        const char *equals = memchr(parts[i].at, '=', parts[i].len);
        cb_str field_name = {parts[i].at, (size_t)(equals - parts[i].at)};
        cb_str want = {equals + 1, parts[i].len - field_name.len - 1};
        int field = cb_field_find(mapping->role, field_name);
        char got[200];
        CHECK(field >= 0, "%s: no field %.*s", name, (int)field_name.len, field_name.at);
        source_text(mapping, (unsigned)field, got, sizeof got);
        if (want.at[0] == '#')
            (void)snprintf(got, sizeof got, "#%d", mapping->field[field].column + 1);
        CHECK(cb_str_eq(cb_str_of(got), want), "%s: %.*s reads '%s', not '%.*s'", name, (int)field_name.len,
              field_name.at, got, (int)want.len, want.at);
        CHECK((mapping->fields >> field & 1) == (mapping->field[field].column != CB_COLUMN_NONE), "%s: bit of %.*s",
              name, (int)field_name.len, field_name.at);
    }
}

#endif
